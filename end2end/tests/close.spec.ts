// When everybody has gone: every request the shop sent to Stripe fits Stripe's own types, and the
// treasurer finds orders, pieces, ledger and Stripe in agreement.
import { expect, test } from "@playwright/test";
import { command, programs, root, server } from "./house";

test.skip(!!process.env.SHOP_RUNS, "a shop that ran before has books of its own");

test("what the shop asked of Stripe is what Stripe's types allow", async () => {
  test.setTimeout(120_000);
  const said = await command("node", `${root}/end2end/judge/requests.mjs`, process.env.SIMULATOR_URL!);
  expect(said).toMatch(/^[1-9]\d* requests, 0 complaints$/m);
});

test("the treasurer closes the books without a difference", async () => {
  test.setTimeout(180_000);
  expect(await command(`${root}/end2end/agree`, programs)).toContain("no differences");
  expect(await server("check")).toMatch(/looked.*[1-9]/);
});
