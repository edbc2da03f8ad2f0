// The shop stands: every part that the other tests rely on answers.
import { expect, test } from "@playwright/test";

test("the shop opens @noscript", async ({ page }) => {
  const answer = await page.goto("/");
  expect(answer?.status()).toBe(200);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test("no page asks another house for anything", async ({ page }) => {
  const strangers: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== new URL(process.env.SHOP_URL!).origin && url.protocol !== "data:") strangers.push(url.href);
  });
  await page.goto("/", { waitUntil: "networkidle" });
  expect(strangers).toEqual([]);
});

test("the policy of the pages forbids nothing they need", async ({ page }) => {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (/Content.Security.Policy|integrity/i.test(message.text())) complaints.push(message.text());
  });
  for (const path of ["/", "/es", "/en"]) await page.goto(path, { waitUntil: "networkidle" });
  expect(complaints).toEqual([]);
});
