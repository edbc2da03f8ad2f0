// What Stripe refuses, the simulator refuses, in the same shape.
// @ts-check

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { API_VERSION, SECRET_KEY, Simulator, refusal, ring } from './simulator.mjs';

/** @type {Simulator} */
let simulator;
before(async () => { simulator = await Simulator.start(); });
after(() => simulator.close());

/** A session the types would not allow. @param {Record<string, unknown>} wrong */
const open = (wrong) => simulator.session(/** @type {any} */ (wrong));
/** With the first line item changed. @param {Record<string, unknown>} item */
const item = (item) => open({ line_items: [{ ...ring().line_items?.[0], ...item }] });
/** With its price changed. @param {Record<string, unknown>} price */
const price = (price) => item({ price_data: { ...ring().line_items?.[0]?.price_data, ...price } });
const now = () => Math.floor(Date.now() / 1000);

/** @type {Array<[string, () => Promise<unknown>, string | undefined, string | undefined]>} */
const refusals = [
  ['unknown', () => open({ colour: 'red' }), 'parameter_unknown', 'colour'],
  ['unknown inside', () => item({ colour: 'red' }), 'parameter_unknown', 'line_items[0][colour]'],
  ['an older name', () => open({ payment_method_types: ['card'] }), 'parameter_unknown', 'payment_method_types'],
  ['not played', () => open({ customer: 'cus_1' }), 'parameter_unknown', 'customer'],
  ['no mode', () => open({ mode: undefined }), 'parameter_missing', 'mode'],
  ['no items', () => open({ line_items: undefined }), 'parameter_missing', 'line_items'],
  ['no way back', () => open({ success_url: undefined }), 'parameter_missing', 'success_url'],
  ['no quantity', () => item({ quantity: undefined }), 'parameter_missing', 'line_items[0][quantity]'],
  ['no price', () => item({ price_data: undefined }), 'parameter_missing', 'line_items[0][price_data]'],
  ['no currency', () => price({ currency: undefined }), 'parameter_missing', 'line_items[0][price_data][currency]'],
  ['no name', () => price({ product_data: {  description: 'x' } }), 'parameter_missing', 'line_items[0][price_data][product_data][name]'],
  ['no integer', () => price({ unit_amount: 10.5 }), 'parameter_invalid_integer', 'line_items[0][price_data][unit_amount]'],
  ['negative', () => price({ unit_amount: -1 }), 'parameter_invalid_integer', 'line_items[0][price_data][unit_amount]'],
  ['empty', () => open({ client_reference_id: '' }), 'parameter_invalid_empty', 'client_reference_id'],
  ['too little', () => open({ line_items: [{ ...ring().line_items?.[0], price_data: { ...ring().line_items?.[0]?.price_data, unit_amount: 199 } }] }), 'amount_too_small', undefined],
  ['too much', () => price({ unit_amount: 100_000_000 }), 'amount_too_large', 'line_items[0][price_data][unit_amount]'],
  ['no such currency', () => price({ currency: 'soles' }), undefined, 'line_items[0][price_data][currency]'],
  ['three decimals', () => price({ currency: 'kwd', unit_amount: 10_005 }), undefined, 'line_items[0][price_data][unit_amount]'],
  ['too soon', () => open({ expires_at: now() + 1_700 }), undefined, 'expires_at'],
  ['too late', () => open({ expires_at: now() + 90_000 }), undefined, 'expires_at'],
  ['no language of Stripe', () => open({ locale: 'qu' }), undefined, 'locale'],
  ['no e-mail', () => open({ customer_email: 'ana' }), 'email_invalid', 'customer_email'],
  ['no URL', () => open({ success_url: '/gracias' }), 'url_invalid', 'success_url'],
  ['a long reference', () => open({ client_reference_id: 'x'.repeat(201) }), undefined, 'client_reference_id'],
  ['much metadata', () => open({ metadata: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v'])) }), undefined, 'metadata'],
  ['a long key', () => open({ metadata: { ['k'.repeat(41)]: 'v' } }), undefined, 'metadata'],
  ['a long value', () => open({ metadata: { k: 'v'.repeat(501) } }), undefined, 'metadata[k]'],
  ['an array for an object', () => open({ payment_intent_data: 'x' }), undefined, 'payment_intent_data'],
  ['an unknown list parameter', () => simulator.api.charges.list(/** @type {any} */ ({ colour: 1 })), 'parameter_unknown', 'colour'],
  ['a long page', () => simulator.api.charges.list({ limit: 101 }), 'parameter_invalid_integer', 'limit'],
  ['an unknown cursor', () => simulator.api.charges.list({ starting_after: 'ch_none' }), 'resource_missing', 'starting_after'],
  ['no expansion', () => simulator.api.charges.list({ expand: ['data.colour'] }), undefined, 'expand[0]'],
];

for (const [name, ask, code, param] of refusals) {
  test(name, async () => {
    const error = await refusal(ask());
    assert.ok(error instanceof Stripe.errors.StripeInvalidRequestError, error.message);
    assert.deepEqual([error.statusCode, error.code, error.param], [400, code, param], error.message);
    assert.match(error.requestId ?? '', /^req_/);
    assert.equal(error.doc_url, code && `https://stripe.com/docs/error-codes/${code.replaceAll('_', '-')}`);
  });
}

/** @type {Array<[string, Record<string, unknown>, number, string | undefined, string | undefined]>} */
const accounts = [
  ['takes no payments', { charges_enabled: false }, 400, undefined, undefined],
  ['has a key without the right', { may_open_sessions: false }, 403, undefined, undefined],
  ['cannot charge in soles', { currencies: ['usd'] }, 400, undefined, 'line_items[0][price_data][currency]'],
  ['does not like an e-mail', { refused_emails: ['@correo.pe'] }, 400, 'email_invalid', 'customer_email'],
];

for (const [what, account, status, code, param] of accounts) {
  test(`an account that ${what}`, async () => {
    const fine = { customer_email: 'ana@correo.pe' };
    await simulator.control('/account', account);
    const error = await refusal(open(fine));
    assert.equal(error.type, status === 403 ? 'StripePermissionError' : 'StripeInvalidRequestError');
    assert.deepEqual([error.statusCode, error.code, error.param], [status, code, param], error.message);
    await simulator.control('/account', undefined, 'DELETE');
    await open(fine);
  });
}

test('zero-decimal currencies are charged as they are', async () => {
  const session = await price({ currency: 'jpy', unit_amount: 5_000 });
  const { url } = /** @type {Stripe.Checkout.Session} */ (session);
  assert.match(await (await fetch(url ?? '')).text(), /JPY 5,000</);
});

test('unknown objects and paths', async () => {
  const { checkout, paymentIntents, charges, refunds, events, balanceTransactions, customers } = simulator.api;
  /** @type {Array<[() => Promise<unknown>, string]>} */
  const asks = [
    [() => checkout.sessions.retrieve('cs_none'), 'session'],
    [() => checkout.sessions.expire('cs_none'), 'session'],
    [() => paymentIntents.retrieve('pi_none'), 'intent'],
    [() => charges.retrieve('ch_none'), 'id'],
    [() => refunds.retrieve('re_none'), 'id'],
    [() => events.retrieve('evt_none'), 'id'],
    [() => balanceTransactions.retrieve('txn_none'), 'id'],
  ];
  for (const [ask, param] of asks) {
    const error = await refusal(ask());
    assert.deepEqual([error.statusCode, error.code, error.param], [404, 'resource_missing', param]);
  }
  assert.equal((await refusal(customers.list())).statusCode, 404);
});

test('keys and versions', async () => {
  const { hostname, port } = new URL(simulator.url);
  const other = new Stripe('sk_test_other', { apiVersion: API_VERSION, host: hostname, port, protocol: 'http' });
  const refused = await refusal(other.charges.list());
  assert.ok(refused instanceof Stripe.errors.StripeAuthenticationError);
  const ask = (/** @type {Record<string, string>} */ headers) => fetch(`${simulator.url}/v1/charges`, { headers });
  assert.equal((await ask({})).status, 401);
  const basic = `Basic ${Buffer.from(`${SECRET_KEY}:`).toString('base64')}`;
  assert.equal((await ask({ authorization: basic })).status, 200);
  const bearer = { authorization: `Bearer ${SECRET_KEY}` };
  const old = await ask({ ...bearer, 'stripe-version': '2020-08-27' });
  assert.equal(old.status, 400);
  const { error } = /** @type {any} */ (await old.json());
  assert.match(error.message, /Invalid Stripe API version/);
  const fine = await ask({ ...bearer, 'stripe-version': API_VERSION });
  assert.match(fine.headers.get('request-id') ?? '', /^req_/);
  assert.equal(fine.headers.get('stripe-version'), API_VERSION);
  const json = await fetch(`${simulator.url}/v1/refunds`, {
    method: 'POST', body: '{}', headers: { ...bearer, 'content-type': 'application/json' },
  });
  assert.equal(json.status, 400);
});
