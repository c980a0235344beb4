// The console's keys and scanner; everything works without, with Tab and Enter.
(() => {
  'use strict';
  // Keys shown on buttons press them.
  document.addEventListener('keydown', (event) => {
    if (!/^F[1-9]$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = document.querySelector(`[data-key="${event.key}"]`);
    if (!target || target.hidden) return;
    event.preventDefault();
    target.click();
  });

  // A scanner types faster than people do and ends with Enter: what it types goes to its field, whatever has the focus.
  const field = document.querySelector('[data-scan]');
  const FAST_MS = 50;
  const SHORTEST = 8;
  let burst = '';
  let last = 0;
  let before = null;
  if (field) document.addEventListener('keydown', (event) => {
    const pause = event.timeStamp - last;
    last = event.timeStamp;
    if (event.key === 'Enter' && pause < FAST_MS && burst.length >= SHORTEST) {
      event.preventDefault();
      event.stopPropagation();
      if (before && before.target !== field) before.target.value = before.value;
      field.value = burst;
      burst = '';
      field.form.requestSubmit();
    } else if (event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey) {
      if (pause >= FAST_MS || burst === '') {
        burst = '';
        const at = document.activeElement;
        before = at && 'value' in at && at.tagName !== 'BUTTON' ? { target: at, value: at.value } : null;
      }
      burst += event.key;
    }
  }, true);

  // The next customer: this page is replaced, so that going back does not lead to it.
  document.querySelectorAll('form[data-replace]').forEach((form) => form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: 'POST', body, redirect: 'manual' }).catch(() => null);
    if (answer) location.replace('/hall'); else form.submit();
  }));

  // The customer's screen follows the counter.
  if (document.querySelector('[data-follows]')) setTimeout(() => location.reload(), 3000);
})();
