// Hard moments: two at once, twice, too late, an old picture of a code, a reload in the middle, no network.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { digits } from './flows.mjs';
import { CLASS_A, PEOPLE, clock, message, rest, serve } from './town.mjs';
import { visitor } from './visitor.mjs';

const PHONE = { width: 390, script: true };
let town;
before(async () => { town = await serve(8650); });
after(() => town.end());

/** Windows that are closed when the work is over, whatever comes of it. */
async function withVisitors(names, work) {
  const all = [];
  try {
    for (const [name, way] of names) all.push(await visitor(town, { ...PHONE, ...way }, name));
    await work(...all);
  } finally { for (const it of all) await it.end(); }
}

/** From the start of a binding to the page with all answers. */
async function toTheReview(it, relation, name, id, signature) {
  await (await it.open('/bind')).press('让家人花我的个人账户（花我的）');
  await it.press(relation);
  await it.fill({ 家人的姓名: name, 家人的身份证号: id });
  await it.press('下一步：检查条件');
  await it.press('下一步');
  await it.press('下一步（不填就是不限）');
  await it.fill({ '签名：请写您的姓名': signature });
  await it.press('签名，下一步');
  await it.sees('核对后提交');
}

async function toThePatient(it) {
  await (await it.open('/till')).press('开一张新单');
  await it.sees('扫患者的医保码');
}

async function aBill(it, who, price) {
  await toThePatient(it);
  await it.fill({ 卡号: `C${PEOPLE[who]}`, 卡识别码: PEOPLE[who].slice(10) });
  await it.press('下一步');
  await it.fill({ 国家编码: CLASS_A, '单价（元）': price });
  await it.press('加一行');
  await it.press('算一算谁付多少');
  await it.sees('谁付多少', `${price}.00 元`);
  return it.at;
}

/** What relatives pay of the bill that is shown, in yuan. */
async function relatives(it) {
  return Number((await it.text()).match(/家人账户 ([\d.]+) 元/)[1]);
}

/** What is left of somebody's account. */
async function left(who) {
  const { no } = await rest(town, 'POST', '/persons/find', { id_number: PEOPLE[who] });
  return Number((await rest(town, 'GET', `/persons/${no}/account`)).accounts[0].total);
}

test('of two who act on one binding at the same moment one is done, and both see which', async () => {
  await withVisitors([['liming'], ['zhaoli']], async (his, hers) => {
    await toTheReview(his, '配偶', '赵丽', PEOPLE.zhaoli, '李明');
    await his.press('确认授权');
    await his.follow('看这份授权');
    await (await hers.open('/family')).follow('李* · 配偶');
    await Promise.all([his.press('撤回，不办了'), hers.press('同意')]);
    const [one, other] = [await his.text(), await hers.text()];
    const refused = [one, other].filter((it) => it.includes('刚才那一步没有办') && it.includes('没有扣钱'));
    assert.equal(refused.length, 1, `${one} — ${other}`);
    const state = (text) => (text.includes('现在能用多少') ? 'in force' : 'over');
    assert.equal(state(one), state(other), 'both see how it stands');
  });
});

test('an impatient press and the way back bind once', async () => {
  await withVisitors([['liming'], ['liming', { script: false }]], async (his, again) => {
    await toTheReview(his, '父母', '王秀英', PEOPLE.wangxiuying, '李明');
    const form = await his.page.locator('form:has(button:text("确认授权"))').evaluate((it) => [it.action, new URLSearchParams(new FormData(it)).toString()]);
    await Promise.all([his.page.waitForURL('**/bind/done/*'), his.page.getByRole('button', { name: '确认授权' }).dblclick()]);
    await his.sees('授权已生效');
    const done = his.at;
    await his.page.goBack();
    await his.misses('确认授权');
    // Without scripts nothing stops a second press: the same form sent again leads to what was done the first time.
    const cookies = await his.context.cookies();
    await again.context.addCookies(cookies);
    const sent = await again.context.request.post(form[0], { data: form[1], headers: { 'content-type': 'application/x-www-form-urlencoded' } });
    assert.equal(new URL(sent.url()).pathname, done);
    const { no } = await rest(town, 'POST', '/persons/find', { id_number: PEOPLE.wangxiuying });
    const { received } = await rest(town, 'GET', `/persons/${no}/bindings`);
    assert.equal(received.length, 1, 'bound once');
  });
});

test('the way back keeps the answers', async () => {
  await withVisitors([['zhaojianguo'], ['zhouguilan', { script: false, elder: true, width: 320 }]], async (...all) => {
    for (const [it, relation, name, id] of [[all[0], '子女', '赵丽', PEOPLE.zhaoli], [all[1], '子女', '李明', PEOPLE.liming_elder]]) {
      await (await it.open('/bind')).press('让家人花我的个人账户（花我的）');
      await it.press(relation);
      await it.fill({ 家人的姓名: name, 家人的身份证号: id });
      await it.press('下一步：检查条件');
      await it.sees('检查结果');
      await it.page.goBack();
      assert.equal(await it.page.getByLabel('家人的姓名').inputValue(), name);
      assert.equal(await it.page.getByLabel('家人的身份证号').inputValue(), id);
      await it.page.goBack();
      await it.sees('上次选的');
    }
  });
});

test('a form that is sent after the session has ended is not lost', async () => {
  for (const way of [{}, { script: false, elder: true, width: 320 }]) {
    await withVisitors([['liqiang', way]], async (his) => {
      await (await his.open('/bind')).press('让家人花我的个人账户（花我的）');
      if (way.elder) await his.follow('其他亲属');
      await his.press('（外）祖父母');
      await his.fill({ 家人的姓名: '周桂兰', 家人的身份证号: PEOPLE.zhouguilan });
      await clock(town, '2025-06-16', way.script === false ? '12:30' : '11:15');
      await his.press('下一步：检查条件');
      await his.sees('身份证号', '密码');
      await his.signIn(PEOPLE.liqiang);
      await his.sees('您刚才填的都还在');
      await his.press('继续这一步');
      await his.sees('检查结果', '周桂兰', '祖父母');
    });
  }
});

test('two minutes before a session ends it is said, and can go on', async () => {
  await withVisitors([['liming']], async (his) => {
    await his.page.clock.install();
    await his.open('/bind');
    await his.misses('登录就到期');
    await his.page.clock.fastForward('28:30');
    await his.sees('还有 2 分钟登录就到期');
    await his.page.getByRole('button', { name: '继续', exact: true }).click();
    await his.page.getByText('登录就到期').waitFor({ state: 'hidden' });
  });
});

test('a code counts once, for a minute', async () => {
  let photograph = '';
  await withVisitors([['zhaoli']], async (hers) => {
    await (await hers.open('/code')).follow('本人 · 赵丽');
    photograph = await digits(hers);
  });
  await clock(town, '2025-06-16', '13:00');
  await withVisitors([['zhaoli'], ['till', { width: 1280 }], ['till', { width: 320, elder: true }]], async (hers, cashier, other) => {
    const scan = async (it, code) => { await it.fill({ 扫患者的医保码: code }); await it.press('下一步'); };
    await toThePatient(cashier);
    await scan(cashier, photograph);
    await cashier.sees('医保码已过期，请刷新再扫', '没有扣钱');
    await (await hers.open('/code')).follow('本人 · 赵丽');
    const fresh = await digits(hers);
    await scan(cashier, fresh.slice(0, 27));
    await cashier.sees('认不出此码，请刷新再扫', '没有扣钱');
    await scan(cashier, fresh);
    await cashier.sees('赵*', '职工医保');
    // Elsewhere it is no longer worth anything.
    const used = await message(town, 'P32030000001', '1101', { data: { mdtrt_cert_type: '01', mdtrt_cert_no: fresh } }).catch((error) => error.message);
    assert.match(String(used), /CODE_USED/);
    await clock(town, '2025-06-16', '13:02');
    await toThePatient(other);
    await scan(other, photograph);
    await other.sees('没有扣钱');
  });
});

test('a till that is opened anew in the middle of settling goes on with the same bill', async () => {
  await withVisitors([['till', { width: 1280 }], ['till', { width: 390, script: false }]], async (cashier, other) => {
    const before = await left('liming');
    const bill = await aBill(cashier, 'lixiaoming', '31');
    const first = await relatives(cashier);
    assert.ok(first > 0);
    // The answer gets lost on its way: the press has arrived, the page does not know.
    await cashier.page.route('**/settle', async (route) => { await route.fetch({ maxRedirects: 0 }); await route.abort(); }, { times: 1 });
    await cashier.page.getByRole('button', { name: '结算，收现金' }).click();
    await cashier.page.waitForTimeout(300);
    await cashier.open(bill);
    await cashier.sees('已结算', '收现金 0.00 元');
    assert.equal(await left('liming'), before - first, 'paid once');
    // Two windows on one bill, pressed at the same moment.
    const second = await aBill(cashier, 'lixiaoming', '32');
    const more = await relatives(cashier);
    await other.open(second);
    await Promise.all([cashier.press('结算，收现金'), other.press('结算，收现金')]);
    for (const it of [cashier, other]) {
      if ((await it.text()).includes('正在确认')) await it.press('查询结果');
      await it.sees('已结算');
    }
    assert.equal(await left('liming'), before - first - more, 'paid once');
  });
});

test('the button that settles is dead after the press', async () => {
  await withVisitors([['till', { width: 1280 }]], async (cashier) => {
    await aBill(cashier, 'lixiaoming', '33');
    // What is sent is counted and goes nowhere.
    await cashier.page.evaluate(() => {
      window.sent = 0;
      window.addEventListener('submit', (event) => { event.preventDefault(); window.sent += 1; });
    });
    const button = cashier.page.getByRole('button', { name: '结算，收现金' });
    await button.dblclick();
    await button.click({ force: true });
    assert.equal(await cashier.page.evaluate(() => window.sent), 1);
    assert.equal(await button.getAttribute('aria-disabled'), 'true', 'and it says so');
  });
});

test('without a network no old code stays on the screen, and a new one comes by itself', async () => {
  await withVisitors([['zhouguilan'], ['zhouguilan', { elder: true, width: 320 }]], async (...all) => {
    for (const hers of all) {
      await hers.page.clock.install();
      await hers.open('/code');
      const first = await digits(hers);
      await hers.page.clock.fastForward('00:56');
      await hers.page.waitForFunction((old) => document.querySelector('.code .number')?.innerText.replace(/\s/g, '') !== old, first);
      const second = await digits(hers);
      assert.match(second, /^\d{28}$/);
      await hers.context.setOffline(true);
      await hers.sees('网络不通', '旧的码已经收起', '社会保障卡');
      assert.equal(await hers.page.locator('.code').count(), 0, 'no stale code');
      assert.equal((await hers.text()).replace(/\s/g, '').includes(second), false);
      await hers.context.setOffline(false);
      await hers.page.locator('.code').waitFor();
      assert.notEqual(await digits(hers), second);
      await hers.misses('网络不通');
    }
  });
});
