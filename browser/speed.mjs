// How long every page takes while 200 a second are asked for. Run by script/pages --speed, which prints a table for people.
//
// Visitors go through all flows first, and stop in the middle of some more. Then every page they saw, and every page that
// is linked there, is asked for again as them, one after another, at times that do not wait for answers.
import { writeFileSync } from 'node:fs';
import { PEOPLE, password, serve } from './town.mjs';
import { ask, reached, visitors } from './walk.mjs';

const RATE = Number(process.env.RATE ?? 200);
const SECONDS = Number(process.env.SECONDS ?? 60);
const PASSWORDS = 40;

/** Asks at a rate that does not wait for answers: how long each kind of page took, in milliseconds. */
async function asked(town, pages, rate, seconds) {
  const took = new Map(pages.map((it) => [it.kind, []]));
  const alike = [...took.keys()].map((kind) => pages.filter((it) => it.kind === kind));
  const running = [];
  const begun = performance.now();
  for (let at = 0; at < rate * seconds; at += 1) {
    const due = begun + (at * 1000) / rate;
    const early = due - performance.now();
    if (early > 1) await new Promise((next) => setTimeout(next, early));
    const examples = alike[at % alike.length];
    const page = examples[Math.floor(at / alike.length) % examples.length];
    running.push(ask(town.base, page).then(({ status }) => {
      if (status !== 200) throw new Error(`${page.path}: ${status}`);
      took.get(page.kind).push(performance.now() - due);
    }));
  }
  await Promise.all(running);
  return took;
}

/** How long signing in takes, one after another. */
async function signingIn(town) {
  const took = [];
  for (let at = 0; at < PASSWORDS; at += 1) {
    const begun = performance.now();
    const form = new URLSearchParams({ name: PEOPLE.liming, password: password(PEOPLE.liming), back: '/' });
    const { status } = await fetch(`${town.base}/sign-in`, { method: 'POST', body: form, redirect: 'manual' });
    if (status !== 303) throw new Error(`signing in: ${status}`);
    took.push(performance.now() - begun);
  }
  return took;
}

/** A row of the table. */
function row(name, took) {
  const sorted = took.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
  return `| ${name} | ${sorted.length} | ${at(0.5)} | ${at(0.95)} | ${at(0.99)} |`;
}

const town = await serve(8670);
try {
  const people = await visitors(town);
  const pages = [];
  for (const it of people) pages.push(...await reached(town, it));
  for (const it of people) await it.end();
  await asked(town, pages, RATE, 3);
  const took = await asked(town, pages, RATE, SECONDS);
  const rows = [...took].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, it]) => row(name, it));
  rows.push(row('all', [...took.values()].flat()), row('signing in with a password', await signingIn(town)));
  const text = `| page | asked | p50 ms | p95 ms | p99 ms |\n| --- | ---: | ---: | ---: | ---: |\n${rows.join('\n')}\n`;
  writeFileSync('target/pages-speed.md', text);
  console.log(text);
} finally { await town.end(); }
