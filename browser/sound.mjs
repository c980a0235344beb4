// What holds for every page: it says nothing that tells a person nothing, fits its window, is large enough to touch, has help at
// its foot, is read in the order it is seen, stands out enough, and has no serious fault that axe knows.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { leastContrast, readsAsSeen } from './reading.mjs';
import { FORBIDDEN } from './visitor.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What a page's own policy forbids is allowed to the checker alone. */
export async function unlocked(context) {
  await context.route('**/*', async (route) => {
    if (route.request().resourceType() !== 'document') return route.continue();
    const response = await route.fetch({ maxRedirects: 0 }).catch(() => null);
    if (!response) return route.continue();
    const headers = { ...response.headers() };
    delete headers['content-security-policy'];
    return route.fulfill({ response, headers });
  });
}

/** All of it holds for the page that is open. */
export async function holds(page, where, elder, width) {
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
  if (elder && !isConsole) {
    const sizes = await page.locator('main :is(.amount, .tag, .mark):visible').evaluateAll((all) => all.map((it) => parseFloat(getComputedStyle(it).fontSize)));
    assert.ok(sizes.every((it) => it >= 30), `${where}: amounts and states are ${Math.min(...sizes)} px`);
  }
  assert.ok(await page.locator('footer a[href="tel:12393"]').count() === 1, `${where} shows help at the foot`);
  // In the narrowest window everything is one column: there the order of reading is the order of seeing.
  if (width === 320) await readsAsSeen(page, where);
  // What the checker looks for does not depend on the width, nor do colours.
  if (width !== 390) return;
  const { ratio, text: faintest } = await leastContrast(page);
  assert.ok(ratio >= (elder ? 7 : 4.5), `${where}: ${faintest} stands out by ${ratio.toFixed(2)}`);
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  const grave = violations.filter((it) => ['serious', 'critical'].includes(it.impact));
  assert.deepEqual(grave.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).slice(0, 3).join(' | ')}`), [], where);
}
