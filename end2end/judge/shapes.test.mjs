// Every object the simulator shows is what Stripe's types promise.
// @ts-check

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Simulator } from './simulator.mjs';
import { misfits, strayRequests } from './types.mjs';

/** @type {Simulator} */
let simulator;
before(async () => { simulator = await Simulator.start(); });
after(() => simulator.close());

test('the compiler finds nothing wrong with any answer', async () => {
  const open = await simulator.session({
    custom_text: { submit: { message: 'Gracias' } },
    submit_type: 'pay',
    billing_address_collection: 'auto',
    allowed_payment_method_types: ['card', 'sepa_debit'],
  });
  const sold = await simulator.sold();
  const declined = await simulator.session();
  await simulator.pay(declined.id, { card_number: '4000000000000002' });
  const secured = await simulator.session();
  await simulator.pay(secured.id, { card_number: '4000002500003155' });
  const delayed = await simulator.session();
  await simulator.pay(delayed.id, { method: 'sepa_debit', iban: 'AT611904300234573201' });
  const expired = await simulator.api.checkout.sessions.expire((await simulator.session()).id);
  const shaky = await simulator.sold({ card_number: '4000000000005126' });
  const pending = await simulator.sold({ card_number: '4000000000007726' });
  await simulator.sold({ card_number: '4000000000000259' });
  await simulator.api.refunds.create({ charge: shaky.charge.id });
  await simulator.api.refunds.create({ charge: pending.charge.id });
  await simulator.control('/clock', { advance_seconds: 60 });
  await simulator.api.refunds.create({ charge: sold.charge.id, amount: 100, reason: 'duplicate', metadata: { a: 'b' } });

  /** @type {Array<[string, unknown]>} */
  const seen = [];
  const sessions = [open, declined, secured, delayed, expired, sold.session];
  for (const { id } of sessions) {
    const deep = 'expand[]=line_items&expand[]=payment_intent.latest_charge.balance_transaction';
    seen.push(['Stripe.Checkout.Session', (await simulator.raw(`/v1/checkout/sessions/${id}`)).json]);
    seen.push(['Stripe.Checkout.Session', (await simulator.raw(`/v1/checkout/sessions/${id}?${deep}`)).json]);
    seen.push(['Stripe.ApiList<Stripe.LineItem>', (await simulator.raw(`/v1/checkout/sessions/${id}/line_items`)).json]);
  }
  for (const [type, path] of [
    ['Stripe.Checkout.Session', '/v1/checkout/sessions'],
    ['Stripe.PaymentIntent', '/v1/payment_intents'],
    ['Stripe.Charge', '/v1/charges'],
    ['Stripe.Charge', '/v1/charges?expand[]=data.refunds&expand[]=data.payment_intent'],
    ['Stripe.BalanceTransaction', '/v1/balance_transactions'],
    ['Stripe.BalanceTransaction', '/v1/balance_transactions?expand[]=data.source'],
    ['Stripe.Refund', '/v1/refunds'],
    ['Stripe.Refund', '/v1/refunds?expand[]=data.charge&expand[]=data.balance_transaction'],
    ['Stripe.Dispute', '/v1/disputes?expand[]=data.charge&expand[]=data.payment_intent'],
  ]) {
    const { json, status } = await simulator.raw(`${path}`);
    assert.equal(status, 200, JSON.stringify(json));
    assert.ok(json.data.length > 0, path);
    seen.push([`Stripe.ApiList<${type}>`, json]);
  }
  const { json: events } = await simulator.raw('/v1/events?limit=100');
  /** @type {Record<string, string>} */
  const nouns = {
    'checkout.session': 'Stripe.Checkout.Session', payment_intent: 'Stripe.PaymentIntent',
    charge: 'Stripe.Charge', refund: 'Stripe.Refund', dispute: 'Stripe.Dispute',
  };
  for (const event of events.data) {
    const { object, previous_attributes, ...rest } = event.data;
    seen.push([nouns[object.object] ?? 'never', object]);
    seen.push(['{}', rest]);
    seen.push(['Omit<Stripe.EventBase, "data" | "type"> & { type: Stripe.Event["type"], data: {} }', { ...event, data: {} }]);
  }
  assert.deepEqual(misfits(seen), []);
  // The judge itself is awake: what lacks a field, or has one too many, is told.
  assert.notDeepEqual(misfits([['Stripe.Refund', { id: 're_1' }]]), []);
  assert.notDeepEqual(misfits([['Stripe.BalanceTransaction', { ...(await simulator.raw('/v1/balance_transactions')).json.data[0], colour: 1 }]]), []);
  const { data } = await simulator.control('/requests');
  assert.deepEqual(strayRequests(data), []);
});

test('a request that Stripe would not know is told', () => {
  const ask = (/** @type {string} */ parameters) =>
    strayRequests([{ method: 'POST', path: '/v1/checkout/sessions', parameters }]);
  assert.deepEqual(ask('mode=payment&line_items[0][quantity]=1&line_items[0][price_data][currency]=pen'), []);
  assert.equal(ask('mode=payment&colour=red').length, 1);
  assert.equal(ask('line_items[0][price_data][currencyy]=pen').length, 1);
  assert.equal(strayRequests([{ method: 'POST', path: '/v1/orders', parameters: '' }]).length, 1);
});
