// A shopper buys, hesitates, is declined, authenticates, comes late.
// @ts-check

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { Simulator, refusal } from './simulator.mjs';

/** @type {Simulator} */
let simulator;
before(async () => { simulator = await Simulator.start('--fee-bps', '360', '--fee-fixed', '30'); });
after(() => simulator.close());

test('a session opens with what was asked for', async () => {
  const session = await simulator.session();
  assert.match(session.id, /^cs_test_/);
  assert.equal(session.status, 'open');
  assert.equal(session.payment_status, 'unpaid');
  assert.equal(session.payment_intent, null);
  assert.equal(session.amount_total, 47_500);
  assert.equal(session.currency, 'pen');
  assert.equal(session.client_reference_id, 'order-1');
  assert.equal(session.url, `${simulator.url}/c/pay/${session.id}`);
  assert.equal(session.ui_mode, 'hosted_page');
  assert.deepEqual(await simulator.api.checkout.sessions.retrieve(session.id), session);
  const items = await simulator.api.checkout.sessions.listLineItems(session.id);
  assert.deepEqual(items.data.map((item) => [item.description, item.quantity, item.amount_total]), [
    ['Anillo «Áncash» & <b>', 1, 45_000], ['Estuche', 2, 2_500],
  ]);
});

test('the pay page is for humans, says what it is, and runs no script', async () => {
  const session = await simulator.session();
  const answer = await fetch(session.url ?? '');
  const html = await answer.text();
  assert.equal(answer.status, 200);
  assert.match(html, /<html lang="es">/);
  assert.match(html, /<title>[^<]*SIMULATOR/);
  assert.match(html, /SIMULADOR/);
  assert.match(html, /S\/ 475\.00/);
  assert.match(html, /Anillo «Áncash» &amp; &lt;b&gt;/);
  assert.match(html, /href="http:\/\/shop\.example\/carrito"/);
  assert.doesNotMatch(html, /<script/);
  const english = await simulator.session({ locale: 'en' });
  assert.match(await (await fetch(english.url ?? '')).text(), /<html lang="en">/);
});

test('paid with the test card', async () => {
  const opened = await simulator.session();
  const paid = await simulator.pay(opened.id);
  assert.equal(paid.status, 303);
  assert.equal(paid.location, `http://shop.example/gracias?s=${opened.id}`);
  const session = await simulator.api.checkout.sessions.retrieve(opened.id, {
    expand: ['payment_intent.latest_charge.balance_transaction', 'line_items'],
  });
  assert.equal(session.status, 'complete');
  assert.equal(session.payment_status, 'paid');
  assert.equal(session.url, null);
  assert.equal(session.customer_details?.email, 'ana@correo.pe');
  assert.equal(session.line_items?.data.length, 2);
  const intent = /** @type {Stripe.PaymentIntent} */ (session.payment_intent);
  assert.equal(intent.status, 'succeeded');
  assert.equal(intent.amount_received, 47_500);
  assert.deepEqual(intent.metadata, { order: '1' });
  const charge = /** @type {Stripe.Charge} */ (intent.latest_charge);
  assert.equal(charge.paid, true);
  assert.equal(charge.payment_method_details?.card?.last4, '4242');
  const balance = /** @type {Stripe.BalanceTransaction} */ (charge.balance_transaction);
  assert.equal(balance.fee, 1_710 + 30);
  assert.equal(balance.net, 47_500 - 1_740);
  assert.equal(balance.fee_details[0]?.amount, 1_740);
  assert.equal(balance.source, charge.id);
  assert.equal((await simulator.api.balanceTransactions.retrieve(balance.id)).amount, 47_500);
  assert.equal((await simulator.api.charges.retrieve(charge.id)).id, charge.id);
  assert.equal((await simulator.api.paymentIntents.retrieve(intent.id)).id, intent.id);
});

test('nothing is paid twice', async () => {
  const session = await simulator.session();
  const attempts = await Promise.all(Array.from({ length: 20 }, () => simulator.pay(session.id)));
  const statuses = attempts.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [303, ...Array(19).fill(409)]);
  const { payment_intent } = await simulator.api.checkout.sessions.retrieve(session.id);
  const charges = await simulator.api.charges.list({ payment_intent: String(payment_intent) });
  assert.equal(charges.data.length, 1);
  assert.equal((await fetch(`${simulator.url}/c/pay/${session.id}`)).status, 200);
});

for (const [card, code, decline] of [
  ['4000000000000002', 'card_declined', 'generic_decline'],
  ['4000000000009995', 'card_declined', 'insufficient_funds'],
  ['4000000000000069', 'expired_card', 'expired_card'],
  ['4000000000000127', 'incorrect_cvc', 'incorrect_cvc'],
]) {
  test(`${decline}, then another card`, async () => {
    const session = await simulator.session();
    const declined = await simulator.pay(session.id, { card_number: String(card) });
    assert.equal(declined.status, 402);
    assert.match(declined.html, /role="alert"/);
    const known = await simulator.api.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    assert.equal(known.status, 'open');
    const intent = /** @type {Stripe.PaymentIntent} */ (known.payment_intent);
    assert.equal(intent.status, 'requires_payment_method');
    assert.equal(intent.last_payment_error?.code, code);
    assert.equal(intent.last_payment_error?.decline_code, decline);
    assert.equal((await simulator.pay(session.id)).status, 303);
    const charges = await simulator.api.charges.list({ payment_intent: intent.id });
    assert.deepEqual(charges.data.map(({ status }) => status), ['succeeded', 'failed']);
    const after = await simulator.api.paymentIntents.retrieve(intent.id);
    assert.equal(after.last_payment_error, null);
  });
}

test('a mistyped card asks again and charges nothing', async () => {
  const session = await simulator.session();
  for (const [field, text] of [['card_number', '4242424242424241'], ['expiry', '01/20'], ['cvc', '1'], ['card_number', '']]) {
    const answer = await simulator.pay(session.id, { [String(field)]: String(text) });
    assert.equal(answer.status, 422);
    assert.match(answer.html, /aria-invalid="true"/);
  }
  assert.equal((await simulator.api.checkout.sessions.retrieve(session.id)).payment_intent, null);
});

for (const card of ['4000002500003155', '4000002760003184']) {
  test(`3-D Secure with ${card}`, async () => {
    const session = await simulator.session();
    const asked = await simulator.pay(session.id, { card_number: card });
    assert.equal(asked.status, 303);
    assert.equal(asked.location, `/c/pay/${session.id}/authenticate`);
    const waiting = await simulator.api.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    const intent = /** @type {Stripe.PaymentIntent} */ (waiting.payment_intent);
    assert.equal(intent.status, 'requires_action');
    assert.match(intent.next_action?.redirect_to_url?.url ?? '', /authenticate$/);
    assert.equal((await fetch(`${simulator.url}${asked.location}`)).status, 200);
    const failed = await simulator.post(asked.location, { outcome: 'fail' });
    assert.equal(failed.status, 402);
    const after = await simulator.api.paymentIntents.retrieve(intent.id);
    assert.equal(after.last_payment_error?.code, 'payment_intent_authentication_failure');
    await simulator.pay(session.id, { card_number: card });
    const passed = await simulator.post(asked.location, { outcome: 'complete' });
    assert.equal(passed.location, `http://shop.example/gracias?s=${session.id}`);
    const paid = await simulator.api.checkout.sessions.retrieve(session.id);
    assert.equal(paid.payment_status, 'paid');
  });
}

test('expired by the shop: nothing can be paid, the intent is called off', async () => {
  const session = await simulator.session();
  await simulator.pay(session.id, { card_number: '4000000000000002' });
  const expired = await simulator.api.checkout.sessions.expire(session.id, { expand: ['payment_intent'] });
  assert.equal(expired.status, 'expired');
  assert.equal(/** @type {Stripe.PaymentIntent} */ (expired.payment_intent).status, 'canceled');
  assert.equal((await simulator.pay(session.id)).status, 410);
  const again = await refusal(simulator.api.checkout.sessions.expire(session.id));
  assert.equal(again.statusCode, 400);
  const sold = await simulator.sold();
  const late = await refusal(simulator.api.checkout.sessions.expire(sold.session.id));
  assert.match(late.message, /has a status of complete/);
});

test('expired by time', async () => {
  const session = await simulator.session();
  await simulator.control('/clock', { advance_seconds: 31 * 60 + 1 });
  await simulator.control('/clock', { ahead_seconds: 0 });
  assert.equal((await simulator.pay(session.id)).status, 410);
  assert.equal((await fetch(`${simulator.url}/c/pay/${session.id}`)).status, 410);
  const known = await simulator.api.checkout.sessions.retrieve(session.id);
  assert.equal(known.status, 'expired');
});

for (const [iban, paid] of /** @type {const} */ ([['AT611904300234573201', true], ['AT861904300235473202', false]])) {
  test(`a delayed payment that ${paid ? 'arrives' : 'fails'}`, async () => {
    const session = await simulator.session();
    assert.equal((await simulator.pay(session.id, { method: 'sepa_debit', iban })).status, 303);
    const waiting = await simulator.api.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] });
    assert.equal(waiting.status, 'complete');
    assert.equal(waiting.payment_status, 'unpaid');
    assert.equal(/** @type {Stripe.PaymentIntent} */ (waiting.payment_intent).status, 'processing');
    assert.equal((await simulator.pay(session.id)).status, 409);
    assert.deepEqual(await simulator.control(`/hurry/${session.id}`, {}), { happened: 2 });
    const decided = await simulator.api.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge'] });
    assert.equal(decided.payment_status, paid ? 'paid' : 'unpaid');
    const intent = /** @type {Stripe.PaymentIntent} */ (decided.payment_intent);
    assert.equal(intent.status, paid ? 'succeeded' : 'requires_payment_method');
    assert.equal(/** @type {Stripe.Charge} */ (intent.latest_charge).status, paid ? 'succeeded' : 'failed');
    const told = await simulator.endpoint.wait(`checkout.session.async_payment_${paid ? 'succeeded' : 'failed'}`);
    assert.equal(/** @type {any} */ (told[0]?.event.data.object).id, session.id);
  });
}

test('one session is hurried, the other stays open; a tampered one asks for another amount', async () => {
  const [late, open] = [await simulator.session(), await simulator.session()];
  await simulator.control(`/hurry/${late.id}`, {});
  assert.equal((await simulator.api.checkout.sessions.retrieve(late.id)).status, 'expired');
  await simulator.control(`/sessions/${open.id}/tamper`, { amount_total: 100, currency: 'usd' });
  await simulator.pay(open.id);
  const paid = await simulator.api.checkout.sessions.retrieve(open.id, { expand: ['payment_intent'] });
  const intent = /** @type {Stripe.PaymentIntent} */ (paid.payment_intent);
  assert.deepEqual([paid.amount_total, paid.currency, intent.amount, intent.currency], [100, 'usd', 100, 'usd']);
});

test('sums agree', async () => {
  const summary = await simulator.control('/summary');
  let charged = 0;
  for await (const charge of simulator.api.charges.list({ limit: 3 })) {
    if (charge.status === 'succeeded' && charge.currency === 'pen') charged += charge.amount;
  }
  assert.equal(summary.currencies.pen.charged, charged);
  let balance = 0;
  for await (const transaction of simulator.api.balanceTransactions.list({ limit: 3, currency: 'pen' })) balance += transaction.net;
  assert.equal(summary.currencies.pen.balance, balance);
});
