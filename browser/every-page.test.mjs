// Every page, in both modes and three widths: what holds for all of them.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { holds, unlocked } from './sound.mjs';
import { PEOPLE, browser, rest, serve, signIn } from './town.mjs';

const PICTURES = process.env.PICTURES ?? 'target/pages';
const NOBODY = ['/', '/sign-in', '/activate', '/parts', '/drugs', '/places', '/why', '/help', '/nowhere'];
const CITIZEN = ['/', '/account', '/bind', '/bind/relation', '/family', '/family-codes', '/code', '/spending', '/why', '/why/would', '/inbox', '/settings', '/settings/looks', '/settings/lines', '/settings/second-factor', '/settings/phones', '/settings/amendments', '/password', '/proxy', '/proxy/for'];
const CLERK = ['/hall', '/hall/facing', '/hall/reviews'];
const TILL = ['/till', '/till/day'];
const OPERATOR = ['/outbox'];
/** Every question about a purchase that is being entrusted; one that was is added. */
const PATIENT = ['/proxy', '/proxy/for', '/proxy/agent', '/proxy/place', '/proxy/why', '/proxy/papers', '/proxy/until', '/proxy/review', '/inbox'];

let town;
before(async () => {
  town = await serve(8610);
  const gateway = await rest(town, 'POST', '/webhooks', { url: 'http://127.0.0.1:8611/', label: '短信网关' });
  OPERATOR.push(`/outbox/${gateway.no}`);
  const { page, end } = await browser({ base: town.base });
  try {
    await signIn(page, town.base, PEOPLE.wangxiuying);
    await entrusting(page);
    await page.getByRole('button', { name: '确认委托' }).click();
    PATIENT.push(new URL(page.url()).pathname);
    await entrusting(page);
  } finally { await end(); }
  CLERK.push(await reviewed(town.base));
});

/** A binding that a clerk starts and the agency reviews: the page on which it is decided. */
async function reviewed(base) {
  const { page, end } = await browser({ base });
  const press = (name) => page.getByRole('button', { name }).first().click();
  try {
    await signIn(page, base, 'hall1');
    for (const scanned of [PEOPLE.liangzhiyuan, PEOPLE.liangxiaoyu]) {
      await page.goto(`${base}/hall`);
      await page.fill('#scan', scanned);
      await press('查找');
    }
    await page.goto(`${base}/hall/bind`);
    await page.selectOption('#relation', 'child');
    await page.check('[name=documents]');
    await press('核对条件');
    await page.check('#signed');
    await press('确认绑定');
    await page.goto(`${base}/hall/reviews`);
    return await page.locator('main table a').first().getAttribute('href');
  } finally { await end(); }
}

/** Answers every question of an entrusted purchase, up to the last page. */
async function entrusting(page) {
  const press = (name) => page.getByRole('button', { name }).first().click();
  await page.goto(`${town.base}/proxy/for`);
  await press('本人');
  await page.fill('#name', '李明');
  await page.fill('#id_number', PEOPLE.liming);
  for (const name of ['下一步', '任意一家', '年老体弱', '下一步', '下一步']) await press(name);
}
after(() => town.end());

for (const [who, login, paths] of [['nobody', null, NOBODY], ['a citizen', PEOPLE.liming, CITIZEN], ['a clerk', 'hall1', CLERK], ['a till', 'till', TILL], ['a patient', PEOPLE.wangxiuying, PATIENT], ['an operator', 'operator', OPERATOR]]) {
  for (const elder of [false, true]) {
    for (const width of [320, 390, 1280]) {
      test(`${who}, ${elder ? 'elder' : 'standard'} mode, ${width} px`, async () => {
        const { page, context, end } = await browser({ width, elder, base: town.base });
        try {
          await unlocked(context);
          if (login) await signIn(page, town.base, login);
          for (const path of paths) {
            await page.goto(town.base + path);
            await holds(page, `${path} for ${who}`, elder, width);
            mkdirSync(PICTURES, { recursive: true });
            const name = `${login ? who.split(' ')[1] : 'nobody'}${path.replaceAll('/', '-')}-${elder ? 'elder' : 'standard'}-${width}`;
            await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
          }
        } finally { await end(); }
      });
    }
  }
}

test('at twice the size nothing is cut off', async () => {
  const { page, end } = await browser({ width: 640, base: town.base });
  try {
    for (const path of NOBODY) {
      await page.goto(town.base + path);
      await page.evaluate(() => { document.documentElement.style.zoom = '2'; });
      const { wide, seen } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, seen: innerWidth }));
      assert.ok(wide <= seen + 1, `${path} scrolls sideways at 200 %: ${wide} > ${seen}`);
    }
  } finally { await end(); }
});

test('the first page weighs at most 100 KB', async () => {
  const html = await (await fetch(`${town.base}/`)).text();
  const parts = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map((it) => it[1]);
  let weight = gzipSync(html).length;
  for (const part of parts) weight += gzipSync(Buffer.from(await (await fetch(town.base + part)).arrayBuffer())).length;
  assert.ok(weight <= 100 * 1024, `${weight} bytes`);
  assert.ok(parts.length >= 2, 'style and script are counted');
});
