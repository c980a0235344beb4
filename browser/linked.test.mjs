// Every page that links lead to, in both modes: what holds for all of them, and that no page of the table is left out.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { holds, unlocked } from './sound.mjs';
import { browser, serve } from './town.mjs';
import { TABLE, reached, visitors } from './walk.mjs';

/** Pages that nobody is led to in a town's day. */
const ELSEWHERE = {
  '/view': 'changes how pages look and leads back',
  '/session': 'is asked by a script',
  '/kept/{no}': 'only after a form came too late: hard.test.mjs',
  '/sign-in/identity': 'leaves for the identity service: identity.test.mjs',
  '/sign-in/identity/back': 'comes back from it: identity.test.mjs',
  '/sign-in/second': 'only with a second step, of which tests/web goes through all',
  '/settings/second-factor/codes': 'likewise',
  '/family/{no}/quota': 'only for bindings by quota, across areas: tests/web',
};

let town;
let pages;
before(async () => {
  town = await serve(8680);
  const people = await visitors(town);
  const first = new Map();
  for (const it of people) {
    const cookies = await it.context.cookies();
    for (const page of await reached(town, it)) if (!first.has(page.kind)) first.set(page.kind, { ...page, cookies });
    await it.end();
  }
  pages = [...first.values()];
});
after(() => town.end());

test('every page of the table is reached by somebody', () => {
  const kinds = pages.map((it) => it.kind);
  assert.ok(TABLE.length > 50, 'the table is read');
  assert.deepEqual(TABLE.filter((it) => !kinds.includes(it) && !(it in ELSEWHERE)), []);
});

for (const elder of [false, true]) {
  for (const width of [320, 390]) {
    test(`all of them, ${elder ? 'elder' : 'standard'} mode, ${width} px`, async () => {
      const { page, context, end } = await browser({ width, elder, base: town.base });
      try {
        await unlocked(context);
        const mode = await context.cookies();
        const wrong = [];
        for (const it of pages.filter(({ isPage }) => isPage)) {
          await context.clearCookies();
          await context.addCookies([...it.cookies, ...mode]);
          await page.goto(town.base + it.path);
          await holds(page, it.kind, elder, width).catch((error) => wrong.push(error.message));
        }
        assert.equal(wrong.join('\n'), '');
      } finally { await end(); }
    });
  }
}
