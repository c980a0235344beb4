// Somebody in front of a page: reads, follows links, fills fields, presses buttons, by what stands on them.
import assert from 'node:assert/strict';
import { PEOPLE, browser, password } from './town.mjs';

/** Words that no page says: they tell a person nothing. */
export const FORBIDDEN = ['操作失败', '系统繁忙', '参数错误', '未知异常', '请联系管理员', '非法', '亲情账号'];
const PATIENCE_MS = 8000;
const MOST_TABS = 150;

/** A visitor with a window of their own; `who` is a key of PEOPLE, a login of staff, or nobody. With `way.keys` they have
    no pointer: whatever they use they reach with Tab. */
export async function visitor(town, way, who) {
  const window = await browser({ ...way, base: town.base });
  const it = new Visitor(town, window, way.keys);
  if (who) await it.signIn(PEOPLE[who] ?? who);
  return it;
}

export class Visitor {
  constructor(town, { page, context, end }, keys) {
    Object.assign(this, { town, page, context, end, keys });
  }

  /** Where the window is, without the server's address. */
  get at() { return this.page.url().slice(this.town.base.length); }

  /** Opens an address, as typed. */
  async open(path) { await this.page.goto(this.town.base + path); return this; }

  /** Signs in, from the start page or from wherever that is asked for. */
  async signIn(login, secret = password(login)) {
    if (!this.at.startsWith('/sign-in')) await this.open('/sign-in');
    await this.fill({ 身份证号: login, 密码: secret });
    return this.press('登录');
  }

  /** The text of the page, as it is read: what is folded away is not. */
  async text() { return (await this.page.locator('main').innerText()).replace(/\s+/g, ' '); }

  /** All of this stands on the page, soon; and the page is sound. */
  async sees(...texts) {
    const until = Date.now() + PATIENCE_MS;
    let seen = '';
    for (;;) {
      seen = await this.text().catch(() => '');
      if (texts.every((it) => seen.includes(it))) break;
      if (Date.now() > until) assert.fail(`${this.at} does not say ${texts.filter((it) => !seen.includes(it)).join(' / ')}: ${seen.slice(0, 1500)}`);
      await new Promise((next) => setTimeout(next, 50));
    }
    for (const word of FORBIDDEN) assert.ok(!seen.includes(word), `${this.at} says ${word}`);
    const { wide, there } = await this.page.evaluate(() => ({ wide: document.documentElement.scrollWidth, there: innerWidth }));
    assert.ok(wide <= there, `${this.at} scrolls sideways: ${wide} > ${there}`);
    return this;
  }

  /** None of this stands on the page. */
  async misses(...texts) {
    const seen = await this.text();
    for (const it of texts) assert.ok(!seen.includes(it), `${this.at} says ${it}: ${seen.slice(0, 1500)}`);
    return this;
  }

  async #one(role, name) {
    const exact = this.page.getByRole(role, { name, exact: true });
    const loose = this.page.getByRole(role, { name });
    await loose.first().waitFor().catch(() => {});
    const found = (await exact.count()) ? exact.first() : loose.first();
    if (!(await found.count())) assert.fail(`no ${role} ${name} at ${this.at}: ${(await this.text()).slice(0, 1500)}`);
    return found;
  }

  /** Goes to what is to be used, with Tab alone, and sees where the focus is. */
  async reach(target) {
    for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
      const ring = await target.evaluate((it) => (it === document.activeElement ? getComputedStyle(it).outlineWidth : null));
      if (ring !== null) return assert.ok(parseFloat(ring) >= 3, `the focus is ${ring} wide at ${this.at}`);
      await this.page.keyboard.press('Tab');
    }
    return assert.fail(`${await target.innerText()} is not reached with the keyboard at ${this.at}`);
  }

  async #use(target, key = 'Enter') {
    if (!this.keys) return target.click();
    await this.reach(target);
    return this.page.keyboard.press(key);
  }

  async #leave(target) {
    await Promise.all([this.page.waitForNavigation({ waitUntil: 'load' }), this.#use(target)]);
    return this;
  }

  /** Presses a button that leads on. */
  async press(name) { return this.#leave(await this.#one('button', name)); }

  /** Follows a link. */
  async follow(name) { return this.#leave(await this.#one('link', name)); }

  /** Unfolds what is folded away under this summary. */
  async unfold(name) {
    await this.#use(this.page.locator('summary').filter({ hasText: name }).first());
    return this;
  }

  /** Fills fields by their labels. */
  async fill(fields) {
    for (const [label, text] of Object.entries(fields)) {
      const field = this.page.getByLabel(label, { exact: true }).first();
      const isList = await field.evaluate((it) => it.tagName === 'SELECT');
      if (this.keys) await this.#type(field, isList, text);
      else if (isList) await field.selectOption({ label: text });
      else await field.fill(text);
    }
    return this;
  }

  async #type(field, isList, text) {
    await this.reach(field);
    const { keyboard } = this.page;
    if (!isList) {
      await keyboard.press('Control+A');
      await (text ? keyboard.insertText(text) : keyboard.press('Delete'));
      return;
    }
    const chosen = () => field.evaluate((it) => it.selectedOptions[0].label);
    await keyboard.press('Home');
    const most = await field.evaluate((it) => it.options.length);
    for (let at = 0; at < most && (await chosen()) !== text; at += 1) await keyboard.press('ArrowDown');
    assert.equal(await chosen(), text);
  }

  /** Puts a tick into a box, or chooses one of several. */
  async tick(label) {
    const box = this.page.getByLabel(label).first();
    if (!(await box.isChecked())) await this.#use(box, 'Space');
    assert.ok(await box.isChecked());
    return this;
  }

  /** Opens the page again. */
  async reload() { await this.page.reload(); return this; }

  /** Something is to be put right: the summary stands on top and, with scripts, is read first. */
  async isTold(way, ...texts) {
    await this.sees(...texts);
    assert.equal(await this.page.locator('.errors[role=alert] a[href^="#"]').count() > 0, true, 'the summary leads to the field');
    if (way.script) assert.equal(await this.page.evaluate(() => document.activeElement.className), 'errors', 'the summary has the focus');
    return this;
  }
}
