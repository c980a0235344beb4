// What the README promises to somebody new: a relative is authorised in at most eight taps, buys something, it is found in the
// details, the authorisation is released, the clock goes on a day, and the page says why the money no longer paid.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { CLASS_A, PEOPLE, serve } from './town.mjs';
import { visitor } from './visitor.mjs';

const MOST_TAPS = 8;
let town;
before(async () => { town = await serve(8690); });
after(() => town.end());

/** Counts every button and link that is used. */
function counted(it) {
  let taps = 0;
  for (const name of ['press', 'follow']) {
    const use = it[name].bind(it);
    it[name] = (what) => { taps += 1; return use(what); };
  }
  return () => taps;
}

/** A purchase at the pharmacy's counter: what the till says before and after it is settled. */
async function buys(cashier, who, yuan) {
  await cashier.open('/till');
  await cashier.press('开一张新单');
  await cashier.press('下一步');
  await cashier.fill({ 卡号: `C${PEOPLE[who]}`, 卡识别码: PEOPLE[who].slice(10) });
  await cashier.press('下一步');
  await cashier.fill({ 国家编码: CLASS_A, '单价（元）': yuan });
  await cashier.press('加一行');
  await cashier.press('算一算谁付多少');
}

test('from the README alone: authorise, buy, find, release, and learn why', async () => {
  const way = { width: 390, script: true };
  const windows = [];
  const visit = async (who) => { const it = await visitor(town, way, who); windows.push(it); return it; };
  try {
    const hers = await visit('zhouguilan');
    const taps = counted(hers);
    await hers.open('/');
    await hers.follow('家庭共济：让家人花我的个人账户（花我的）');
    await hers.press('让家人花我的个人账户（花我的）');
    await hers.press('子女');
    await hers.fill({ 家人的姓名: '罗芳', 家人的身份证号: PEOPLE.luofang });
    await hers.press('下一步：检查条件');
    await hers.press('下一步');
    await hers.press('下一步（不填就是不限）');
    await hers.fill({ '签名：请写您的姓名': '周桂兰' });
    await hers.press('签名，下一步');
    await hers.press('确认授权');
    await hers.sees('授权已生效');
    assert.ok(taps() <= MOST_TAPS, `${taps()} taps`);

    const cashier = await visit('pharmacy');
    await buys(cashier, 'luofang', '86');
    await cashier.sees('家人账户 86.00 元', '现金 0.00 元');
    await cashier.press('结算，收现金');
    await cashier.sees('已结算');

    await hers.open('/spending');
    await hers.follow('86.00 元');
    await hers.sees('徐州演示药店', '86.00 元');

    await hers.open('/family');
    await hers.follow('罗* · 子女');
    await hers.follow('解除授权');
    await hers.sees('仍可使用到', '今天 24:00');
    await hers.press('确认解除');
    await hers.sees('已办理解除');

    await hers.open('/sandbox');
    await hers.press('到明天早上 8 点');
    await cashier.open('/till');
    await cashier.signIn('pharmacy');
    await buys(cashier, 'luofang', '20');
    await cashier.sees('现金 20.00 元');
    await cashier.press('结算，收现金');
    await cashier.sees('已结算', '收现金 20.00 元');
    const slip = (await cashier.text()).match(/[0-9A-Z]{4}-[0-9A-Z]{4,5}(-[0-9A-Z]+)?/)[0];

    const theirs = await visit('luofang');
    await theirs.open('/why');
    await theirs.fill({ 小票上的查询号: slip });
    await theirs.press('查原因');
    await theirs.sees('现金', '20.00', '授权');
  } finally { for (const it of windows) await it.end(); }
});
