// A stranger buys, from the piece to the thank-you page, in either language and with or without
// script. Every project buys other pieces: all of them share one shop, and each piece is unique.
import { expect, type Page, test } from "@playwright/test";

type Words = {
  lang: "es" | "en";
  pieces: string;
  add: string;
  checkout: string;
  update: string;
  pay: RegExp;
  thanks: RegExp;
  inBag: string;
};

const es: Words = {
  lang: "es", pieces: "piezas", add: "Añadir a la bolsa", checkout: "Continuar con la compra",
  update: "Actualizar envío", pay: /^Pagar S\/ /, thanks: /Gracias, Ana/, inBag: "está en tu bolsa",
};
const en: Words = {
  lang: "en", pieces: "pieces", add: "Add to bag", checkout: "Go to checkout",
  update: "Update delivery", pay: /^Pay US\$/, thanks: /Thank you, Ana/, inBag: "is in your bag",
};

/** The piece that each project buys in a story: nobody else wants it. */
function own(pieces: { desk: string; phone: string; noscript?: string }): string {
  const slug = pieces[test.info().project.name as keyof typeof pieces];
  test.skip(!slug, "this story is not for this project");
  return slug!;
}

async function putIntoBag(page: Page, words: Words, slug: string) {
  await page.goto(`/${words.lang}/${words.pieces}/${slug}`);
  await page.getByRole("button", { name: words.add }).click();
  await expect(page).toHaveURL(/\/(bolsa|bag)(\?|$)/);
  await expect(page.getByRole("status")).toContainText(words.inBag);
}

async function fillInPeru(page: Page) {
  await page.getByLabel("Nombre y apellidos").fill("Ana Quispe Mamani");
  await page.getByLabel("Correo", { exact: true }).fill("ana@example.com");
  await page.getByLabel("País").selectOption("PE");
  await page.getByLabel("Departamento").selectOption({ label: "Lima" });
  await page.getByLabel("Calle y número").fill("Jr. Unión 512, dpto. 3");
  await page.getByLabel("Distrito y ciudad").fill("Cercado, Lima");
  await page.getByLabel("Código postal").fill("15001");
  await page.getByLabel("Teléfono para el courier").fill("987 654 321");
}

async function payWith(page: Page, card: string) {
  await expect(page).toHaveURL(/\/c\/pay\//);
  await page.locator('input[name="card_number"]').fill(card);
  await page.locator('input[name="expiry"]').fill("12 / 34");
  await page.locator('input[name="cvc"]').fill("123");
  await page.locator('button[type="submit"]').last().click();
}

test("a stranger buys a ring in Spanish and sees it sold in another window @noscript", async ({ page, browser }) => {
  const slug = own({ desk: "batea-ring", phone: "rio-ring", noscript: "arena-band" });
  await putIntoBag(page, es, slug);
  await page.getByRole("link", { name: es.checkout }).click();
  await fillInPeru(page);
  await page.getByRole("button", { name: es.update }).click();
  // What was typed is still there, and now there are prices.
  await expect(page.getByLabel("Nombre y apellidos")).toHaveValue("Ana Quispe Mamani");
  await page.getByLabel(/Courier a tu puerta/).check();
  await page.getByRole("button", { name: /^Pagar|Continuar al pago/ }).click();
  await payWith(page, "4242 4242 4242 4242");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(es.thanks);
  await expect(page.getByText(/D-\d+/).first()).toBeVisible();
  // The bag is empty again.
  await page.goto("/es/bolsa");
  await expect(page.getByText("Tu bolsa está vacía.")).toBeVisible();
  // In another window the piece is sold.
  const other = await browser.newContext();
  const window = await other.newPage();
  await window.goto(`/es/piezas/${slug}`);
  await expect(window.getByText(/vendida/).first()).toBeVisible();
  await other.close();
});

test.describe(() => {
  test.use({ locale: "en-US" });

  test("a stranger abroad buys in English and in dollars @noscript", async ({ page }) => {
    const slug = own({ desk: "chakana-pendant", phone: "lago-earrings", noscript: "salar-studs" });
    await putIntoBag(page, en, slug);
    await page.getByRole("link", { name: en.checkout }).click();
    // The browser says en-US; a departamento of Peru is no state of it.
    await expect(page.getByLabel("Country")).toHaveValue("US");
    await page.getByLabel("Country").selectOption("PE");
    await page.getByRole("button", { name: en.update }).click();
    await page.getByLabel("Department").selectOption({ label: "Puno" });
    await page.getByLabel("Country").selectOption("US");
    await page.getByRole("button", { name: en.update }).click();
    await expect(page.locator('[name="region"]')).toHaveValue("");
    await page.locator('[name="name"]').fill("Ana Smith");
    await page.locator('[name="email"]').fill("ana@example.org");
    await page.locator('[name="region"]').fill("CA");
    await page.locator('[name="street"]').fill("742 Evergreen Terrace");
    await page.locator('[name="city"]').fill("Oakland");
    await page.locator('[name="postal_code"]').fill("94601");
    await page.locator('[name="phone"]').fill("+1 510 555 0100");
    // The browser's country proposes dollars. Another currency is another total than the one on
    // the button: it is shown before it is paid.
    await expect(page.locator('[name="currency"]')).toHaveValue("USD");
    await page.locator('[name="currency"]').selectOption("PEN");
    await page.locator('[name="delivery"]').first().check();
    await page.getByRole("button", { name: /^Pay US\$ / }).click();
    await expect(page.getByRole("alert")).toContainText(/The total is now S\//);
    await page.locator('[name="currency"]').selectOption("USD");
    await page.locator('[name="gift_message"]').fill("For you, <b>with love</b> & \"quotes\" ñ 日本");
    await page.getByRole("button", { name: en.update }).click();
    await page.getByRole("button", { name: en.pay }).click();
    await payWith(page, "4242 4242 4242 4242");
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(en.thanks);
    await expect(page.getByText('For you, <b>with love</b> & "quotes" ñ 日本')).toBeVisible();
  });
});

test("a declined card charges nothing and the same order can be paid with another", async ({ page }) => {
  const slug = own({ desk: "ola-bracelet", phone: "tupu-pin" });
  await putIntoBag(page, es, slug);
  await page.getByRole("link", { name: es.checkout }).click();
  await fillInPeru(page);
  await page.getByRole("button", { name: es.update }).click();
  await page.getByLabel(/Recojo en Juliaca/).check();
  await page.getByRole("button", { name: /^Pagar|Continuar al pago/ }).click();
  await payWith(page, "4000 0000 0000 0002");
  await expect(page).toHaveURL(/\/c\/pay\//);
  await payWith(page, "4242 4242 4242 4242");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(es.thanks);
});

test("the second of two shoppers is told at once, and a piece given up is free again", async ({ page, browser }) => {
  const slug = own({ desk: "condor-earrings", phone: "quinoa-ring" });
  const second = await browser.newContext();
  const hers = await second.newPage();
  await putIntoBag(hers, es, slug);

  await putIntoBag(page, es, slug);
  await page.getByRole("link", { name: es.checkout }).click();
  await fillInPeru(page);
  await page.getByRole("button", { name: es.update }).click();
  await page.getByLabel(/Courier a tu puerta/).check();
  await page.getByRole("button", { name: /^Pagar|Continuar al pago/ }).click();
  await expect(page).toHaveURL(/\/c\/pay\//);

  await hers.goto("/es/bolsa");
  await expect(hers.getByText(/Otra persona la está pagando ahora/)).toBeVisible();

  // The first one gives up on the payment page's way back.
  await page.locator("a", { hasText: "←" }).first().click();
  const leave = page.getByRole("button", { name: "Dejar el pedido" });
  await leave.click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/Dejaste este pedido/);
  await hers.reload();
  await expect(hers.getByText(/Otra persona la está pagando ahora/)).toHaveCount(0);
  await second.close();
});

test("a mistake is shown beside its field and nothing typed is lost @noscript", async ({ page }) => {
  const slug = own({ desk: "batea-pendant", phone: "batea-pendant", noscript: "batea-pendant" });
  await putIntoBag(page, es, slug);
  await page.getByRole("link", { name: es.checkout }).click();
  await fillInPeru(page);
  await page.getByLabel("Código postal").fill("150");
  await page.getByRole("button", { name: /^Pagar|Continuar al pago/ }).click();
  const field = page.getByLabel("Código postal");
  await expect(field).toHaveValue("150");
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByText("En Perú tiene cinco cifras, como 15001.").first()).toBeVisible();
  await expect(page.getByLabel("Calle y número")).toHaveValue("Jr. Unión 512, dpto. 3");
});
