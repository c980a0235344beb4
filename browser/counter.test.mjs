// The hall's console without a pointer: keys on buttons, Tab, and a scanner that types wherever the focus is.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { PEOPLE, purchase, serve } from './town.mjs';
import { visitor } from './visitor.mjs';

let town;
before(async () => { town = await serve(8660); });
after(() => town.end());

/** A clerk with a keyboard and a printer. */
async function clerk(way) {
  const it = await visitor(town, { width: 1280, script: true, keys: true, ...way });
  await it.context.addInitScript(() => { window.print = () => { window.printed = (window.printed ?? 0) + 1; }; });
  await it.signIn('hall1');
  return it;
}

/** Presses a key that leads on. */
async function key(it, name) {
  await Promise.all([it.page.waitForNavigation({ waitUntil: 'load' }), it.page.keyboard.press(name)]);
}

async function prints(it) {
  await it.page.keyboard.press('F4');
  assert.equal(await it.page.evaluate(() => window.printed), 1, `F4 prints ${it.at}`);
}

/** Scans: as fast as a scanner types, with Enter at the end; once more where the machine was too busy to be fast. */
async function scan(it, text, found) {
  for (let tries = 0; ; tries += 1) {
    await it.page.keyboard.type(text);
    await it.page.keyboard.press('Enter');
    const seen = await it.sees(found).catch((error) => { if (tries > 1) throw error; });
    if (seen) return;
    await it.open('/hall');
  }
}

for (const way of [{}, { width: 390, elder: true }]) {
  test(`a customer is served with the keyboard alone, ${way.elder ? 'elder' : 'standard'} mode`, async () => {
    const it = await clerk(way);
    const [giver, relative, names] = way.elder
      ? [PEOPLE.zhouguilan, PEOPLE.liming_elder, ['周桂兰', '李明']] : [PEOPLE.zhaojianguo, PEOPLE.zhaoli, ['赵建国', '赵丽']];
    try {
      // Whoever comes in can type at once.
      assert.equal(await it.page.evaluate(() => document.activeElement.id), 'scan');
      await scan(it, giver, names[0]);
      await it.fill({ '身份证号、社保卡号或小票号（可扫描）': relative });
      await it.press('查找');
      await it.sees(names[1]);
      await key(it, 'F2');
      await it.fill({ 使用人是授权人的: '子女' });
      await it.tick('已核对亲属关系材料');
      await it.press('核对条件');
      await it.tick('承诺书已读给客户听，客户已在纸上签名');
      await it.press('确认绑定');
      await it.sees('有效', ...names);
      await prints(it);
      await it.follow('返回');
      await key(it, 'F3');
      await it.reach(it.page.locator('table a').first());
      await key(it, 'Enter');
      await it.follow('解除授权');
      await it.sees('仍可使用到');
      await it.press('确认解除');
      await it.sees('仍可使用到', '失效，也从这时起才能重新绑定');
      await prints(it);
      await it.follow('返回');
      await key(it, 'F1');
      await it.fill({ 定点机构编码: 'H32030000001' });
      await it.press('查');
      await it.sees('徐州演示三级医院');
      await it.follow('返回');
      await key(it, 'F8');
      await it.sees('找参保人');
      await it.misses(...names);
      await it.page.goBack();
      await it.misses(...names, giver);
    } finally { await it.end(); }
  });
}

test('what a scanner types goes to its field, whatever has the focus', async () => {
  const slip = await purchase(town, 'P14010000001', '140100', PEOPLE.guoxiaoyu, 700, '2025-06-16 10:00:00');
  const it = await clerk();
  try {
    await it.reach(it.page.getByLabel('姓名（全名）'));
    await scan(it, PEOPLE.wangxiuying, '王秀英');
    assert.equal(await it.page.getByLabel('姓名（全名）').inputValue(), '', 'nothing of it stays where the focus was');
    await it.reach(it.page.getByRole('link', { name: '绑定F2' }).or(it.page.locator('[data-key=F2]')).first());
    await scan(it, `C${PEOPLE.liming}`, '李明');
    await it.page.evaluate(() => document.activeElement.blur());
    await scan(it, slip, 'USABLE_ZERO');
    // Somebody who types is no scanner.
    await it.open('/hall');
    await it.reach(it.page.getByLabel('姓名（全名）'));
    await it.page.keyboard.type('wangxiuying', { delay: 70 });
    assert.equal(await it.page.getByLabel('姓名（全名）').inputValue(), 'wangxiuying');
  } finally { await it.end(); }
});
