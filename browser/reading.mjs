// How a page reads: whether it is read aloud in the order in which it is seen, and how far its text stands out.
import assert from 'node:assert/strict';

/** What the accessibility tree says, in its order, each text with where it stands on the page. */
async function heard(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  const byId = new Map(nodes.map((it) => [it.nodeId, it]));
  const texts = [];
  const walk = (id) => {
    const node = byId.get(id);
    if (!node) return;
    if (node.role?.value === 'StaticText' && node.name?.value.trim()) texts.push(node);
    (node.childIds ?? []).forEach(walk);
  };
  walk(nodes[0].nodeId);
  // What is only for readers aloud has no place that is seen.
  const unseen = new Set(await page.locator('.hide').allInnerTexts());
  const found = [];
  for (const node of texts) {
    if (unseen.has(node.name.value.trim())) continue;
    const { quads } = await session.send('DOM.getContentQuads', { backendNodeId: node.backendDOMNodeId }).catch(() => ({ quads: [] }));
    if (!quads.length) continue;
    const [xs, ys] = [0, 1].map((odd) => quads.flat().filter((_, at) => at % 2 === odd));
    const box = { text: node.name.value.trim(), left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
    if (box.bottom - box.top > 2 && box.left > -500) found.push(box);
  }
  await session.detach();
  return found;
}

/** In one column, what is read later never stands wholly above what was read before; beside it, in the row of a table, it may. */
export async function readsAsSeen(page, where) {
  const all = await heard(page);
  assert.ok(all.length > 5, `${where} is read aloud`);
  const odd = all.slice(1).filter((it, at) => it.bottom <= all[at].top + 1 && it.left < all[at].right).map((it) => it.text);
  assert.deepEqual(odd, [], `${where}: read after what stands below it`);
}

/** The least contrast of text on the page (WCAG 2.2, relative luminance), worked out here, not by the checker. */
export async function leastContrast(page) {
  return page.evaluate(() => {
    const read = (colour) => {
      const [r, g, b, a = 1] = colour.match(/[\d.]+/g).map(Number);
      return { rgb: [r, g, b], a };
    };
    const over = (top, under) => top.rgb.map((it, at) => it * top.a + under[at] * (1 - top.a));
    const ground = (element) => {
      if (!element) return [255, 255, 255];
      const own = read(getComputedStyle(element).backgroundColor);
      return own.a === 1 ? own.rgb : over(own, ground(element.parentElement));
    };
    const light = (rgb) => {
      const [r, g, b] = rgb.map((it) => it / 255).map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    let least = { ratio: 21, text: '' };
    const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (all.nextNode()) {
      const text = all.currentNode.data.trim();
      const element = all.currentNode.parentElement;
      const box = element.getBoundingClientRect();
      if (!text || !element.checkVisibility() || box.width < 2 || box.right < 0 || element.closest('noscript')) continue;
      const under = ground(element);
      const [one, two] = [light(over(read(getComputedStyle(element).color), under)), light(under)];
      const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
      if (ratio < least.ratio) least = { ratio, text: text.slice(0, 30) };
    }
    return least;
  });
}
