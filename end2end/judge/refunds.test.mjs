// Money given back, and never more than was taken.
// @ts-check

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import Stripe from 'stripe';
import { Simulator, refusal } from './simulator.mjs';

/** @type {Simulator} */
let simulator;
before(async () => { simulator = await Simulator.start(); });
after(() => simulator.close());

test('in parts, then the rest, then no more', async () => {
  const { charge, intent } = await simulator.sold();
  const first = await simulator.api.refunds.create({
    payment_intent: intent.id, amount: 10_000, reason: 'requested_by_customer', metadata: { why: 'size' },
    expand: ['balance_transaction', 'charge'],
  });
  assert.equal(first.status, 'succeeded');
  assert.equal(first.amount, 10_000);
  const movement = /** @type {Stripe.BalanceTransaction} */ (first.balance_transaction);
  assert.deepEqual([movement.amount, movement.fee, movement.net, movement.type], [-10_000, 0, -10_000, 'refund']);
  const touched = /** @type {Stripe.Charge} */ (first.charge);
  assert.deepEqual([touched.amount_refunded, touched.refunded], [10_000, false]);
  const over = await refusal(simulator.api.refunds.create({ charge: charge.id, amount: 37_501 }));
  assert.equal(over.param, 'amount');
  assert.match(over.message, /greater than unrefunded amount/);
  const rest = await simulator.api.refunds.create({ charge: charge.id });
  assert.equal(rest.amount, 37_500);
  const done = await simulator.api.charges.retrieve(charge.id, { expand: ['refunds'] });
  assert.deepEqual([done.amount_refunded, done.refunded], [47_500, true]);
  assert.deepEqual(done.refunds?.data.map(({ id }) => id), [rest.id, first.id]);
  const none = await refusal(simulator.api.refunds.create({ charge: charge.id }));
  assert.equal(none.code, 'charge_already_refunded');
  const listed = await simulator.api.refunds.list({ payment_intent: intent.id });
  assert.deepEqual(listed.data.map(({ id }) => id), [rest.id, first.id]);
  assert.equal((await simulator.api.refunds.list({ charge: charge.id, limit: 1 })).has_more, true);
  assert.deepEqual(await simulator.api.refunds.retrieve(rest.id), rest);
  const told = await simulator.endpoint.wait('charge.refunded', 2);
  assert.equal(told.length, 2);
  assert.equal((await simulator.endpoint.wait('refund.created', 2)).length, 2);
});

test('twenty at once give back no more than was paid', async () => {
  const { charge } = await simulator.sold();
  const all = await Promise.allSettled(
    Array.from({ length: 20 }, () => simulator.api.refunds.create({ charge: charge.id, amount: 5_000 })),
  );
  assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 9);
  assert.equal((await simulator.api.charges.retrieve(charge.id)).amount_refunded, 45_000);
});

test('what cannot be refunded is refused', async () => {
  const nothing = await refusal(simulator.api.refunds.create({}));
  assert.equal(nothing.code, 'parameter_missing');
  const unknown = await refusal(simulator.api.refunds.create({ charge: 'ch_none' }));
  assert.deepEqual([unknown.statusCode, unknown.code, unknown.param], [404, 'resource_missing', 'charge']);
  const { charge } = await simulator.sold();
  for (const amount of [0, -5]) {
    const refused = await refusal(simulator.api.refunds.create({ charge: charge.id, amount }));
    assert.equal(refused.param, 'amount');
  }
  const session = await simulator.session();
  await simulator.pay(session.id, { card_number: '4000000000000002' });
  const declined = await simulator.api.checkout.sessions.retrieve(session.id);
  await refusal(simulator.api.refunds.create({ payment_intent: String(declined.payment_intent) }));
});

test('a refund that stays pending, and one that fails', async () => {
  const slow = await simulator.sold({ card_number: '4000000000007726' });
  const shaky = await simulator.sold({ card_number: '4000000000005126' });
  const pending = await simulator.api.refunds.create({ charge: slow.charge.id });
  const failing = await simulator.api.refunds.create({ charge: shaky.charge.id });
  assert.deepEqual([pending.status, failing.status], ['pending', 'succeeded']);
  await simulator.control('/clock', { advance_seconds: 60 });
  assert.equal((await simulator.api.refunds.retrieve(pending.id)).status, 'succeeded');
  const failed = await simulator.api.refunds.retrieve(failing.id, { expand: ['failure_balance_transaction'] });
  assert.equal(failed.status, 'failed');
  assert.equal(/** @type {Stripe.BalanceTransaction} */ (failed.failure_balance_transaction).amount, 47_500);
  assert.equal((await simulator.api.charges.retrieve(shaky.charge.id)).amount_refunded, 0);
  await simulator.endpoint.wait('refund.updated', 2);
  await simulator.endpoint.wait('refund.failed');
});

test('a payment that the bank disputes is told with its deadline and cannot be refunded', async () => {
  const { charge, intent } = await simulator.sold({ card_number: '4000000000000259' });
  assert.equal((await simulator.api.charges.retrieve(charge.id)).disputed, false);
  await simulator.control('/clock', { advance_seconds: 60 });
  assert.equal((await simulator.api.charges.retrieve(charge.id)).disputed, true);
  const { data: [dispute] } = await simulator.api.disputes.list({ payment_intent: intent.id });
  assert.ok(dispute);
  assert.deepEqual([dispute.amount, dispute.reason, dispute.status], [47_500, 'fraudulent', 'needs_response']);
  assert.equal(dispute.evidence_details.due_by, dispute.created + 7 * 86_400);
  assert.equal(dispute.balance_transactions[0]?.net, -47_500);
  assert.deepEqual(await simulator.api.disputes.retrieve(dispute.id), dispute);
  const refused = await refusal(simulator.api.refunds.create({ charge: charge.id }));
  assert.equal(refused.code, 'charge_disputed');
  await simulator.endpoint.wait('charge.dispute.created');
  await simulator.endpoint.wait('charge.dispute.funds_withdrawn');
});
