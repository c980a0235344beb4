// Every flow is gone through twice: once with scripts and a pointer, once without scripts and with the keyboard alone. That
// is 28 runs over 12 ways of reading (three widths, two modes, with and without scripts), each way with two flows at least.
// All 168 take a quarter of an hour, and EVERY_WAY=1 goes through them (2026-11-23: all right). Every page in every width
// and mode is looked at by every-page.test.mjs.
import { test } from 'node:test';
import { FLOWS, lawBook } from './flows.mjs';
import { rest, serve } from './town.mjs';
import { visitor } from './visitor.mjs';

const READING = [320, 390, 1280].flatMap((width) => [false, true].map((elder) => ({ width, elder })));
const TURNS = process.env.EVERY_WAY ? READING.length : 1;

for (const script of [true, false]) {
  for (let turn = 0; turn < TURNS; turn += 1) {
    const named = script ? 'with scripts' : 'without scripts';
    test(`${named}, turn ${turn + 1}`, async (all) => {
      // What is done in a turn stays done: each has a town of its own.
      const town = await serve(script ? 8640 : 8641);
      all.after(() => town.end());
      await rest(town, 'POST', '/policies', { files: lawBook() });
      for (const [at, [what, flow]] of FLOWS.entries()) {
        const way = { ...READING[(at + turn + (script ? 0 : 3)) % READING.length], script, keys: !script };
        await all.test(`${what}, ${named}, ${way.width} px, ${way.elder ? 'elder' : 'standard'} mode`, async () => {
          const windows = [];
          const visit = async (who) => { const it = await visitor(town, way, who); windows.push(it); return it; };
          try { await flow({ town, way, visit }); } finally { for (const it of windows) await it.end(); }
        });
      }
    });
  }
}
