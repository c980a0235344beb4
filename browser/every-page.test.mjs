// Every page, in both modes and three widths: what holds for all of them.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { PEOPLE, browser, serve, signIn } from './town.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PICTURES = process.env.PICTURES ?? 'target/pages';
/** Words that no page says: they tell a person nothing. */
const FORBIDDEN = ['操作失败', '系统繁忙', '参数错误', '未知异常', '请联系管理员', '非法', '亲情账号'];
const NOBODY = ['/', '/sign-in', '/activate', '/parts', '/drugs', '/places', '/why', '/help', '/nowhere'];
const CITIZEN = ['/', '/account', '/bind', '/bind/relation', '/family', '/family-codes', '/code', '/spending', '/why', '/why/would', '/inbox', '/settings', '/settings/looks', '/password'];
const CLERK = ['/hall', '/hall/facing'];
const TILL = ['/till', '/till/day'];

let town;
before(async () => { town = await serve(8610); });
after(() => town.end());

async function holds(page, where, elder, width) {
  const text = await page.locator('body').innerText();
  for (const word of FORBIDDEN) assert.ok(!text.includes(word), `${where} says ${word}`);
  const { wide, seen } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, seen: innerWidth }));
  assert.ok(wide <= seen, `${where} scrolls sideways: ${wide} > ${seen}`);
  const isConsole = await page.locator('body.console').count();
  const least = isConsole ? (elder ? 48 : 36) : elder ? 60 : 48;
  const small = await page.evaluate((least) => {
    const found = [];
    for (const it of document.querySelectorAll('main .button, main .choice, .bar a, .bar button, .view a, .foot a, main input:not([type=hidden]):not([type=radio]):not([type=checkbox]), main select')) {
      const box = it.getBoundingClientRect();
      if (box.height > 0 && box.height < least - 0.5) found.push(`${it.tagName} ${it.textContent.trim().slice(0, 20)} ${Math.round(box.height)}`);
    }
    return found;
  }, least);
  assert.deepEqual(small, [], `${where}: targets under ${least} px`);
  assert.ok(await page.locator('footer a[href="tel:12393"]').count() === 1, `${where} shows help at the foot`);
  // What the checker looks for does not depend on the width.
  if (width !== 390) return;
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const grave = violations.filter((it) => ['serious', 'critical'].includes(it.impact));
  assert.deepEqual(grave.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`), [], where);
}

for (const [who, login, paths] of [['nobody', null, NOBODY], ['a citizen', PEOPLE.liming, CITIZEN], ['a clerk', 'hall1', CLERK], ['a till', 'till', TILL]]) {
  for (const elder of [false, true]) {
    for (const width of [320, 390, 1280]) {
      test(`${who}, ${elder ? 'elder' : 'standard'} mode, ${width} px`, async () => {
        const { page, context, end } = await browser({ width, elder, base: town.base });
        try {
          // What a page's own policy forbids is allowed to the checker alone.
          await context.route('**/*', async (route) => {
            if (route.request().resourceType() !== 'document') return route.continue();
            const response = await route.fetch({ maxRedirects: 0 }).catch(() => null);
            if (!response) return route.continue();
            const headers = { ...response.headers() };
            delete headers['content-security-policy'];
            return route.fulfill({ response, headers });
          });
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
