// What scripts add where they run; every page does without them.
(() => {
  'use strict';
  const each = (selector, work) => document.querySelectorAll(selector).forEach(work);

  // A form is sent once: its button is dead after the press, and says so.
  each('form', (form) => form.addEventListener('submit', () => {
    form.querySelectorAll('button').forEach((button) => {
      button.setAttribute('aria-disabled', 'true');
      button.addEventListener('click', (event) => event.preventDefault());
    });
  }));
  // Coming back by the browser's own button, the page can be sent again.
  window.addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

  // An error summary is read first.
  const errors = document.querySelector('.errors');
  if (errors) errors.focus();

  // Two minutes before a session ends the page says so and offers to go on; what was written stays.
  const session = document.querySelector('[data-session-minutes]');
  if (session) {
    const minutes = Number(session.dataset.sessionMinutes);
    const warn = () => { session.hidden = false; };
    let timer = setTimeout(warn, Math.max(0, (minutes - 2) * 60000));
    session.querySelector('button').addEventListener('click', async () => {
      const answer = await fetch('/session', { redirect: 'manual' }).catch(() => null);
      if (answer && answer.ok) { session.hidden = true; clearTimeout(timer); timer = setTimeout(warn, (minutes - 2) * 60000); }
      else location.reload();
    });
  }

  // A medical code counts for a minute: another is fetched before it ends. None that has ended stays on the screen, and
  // the screen stays awake.
  const code = document.querySelector('[data-code-seconds]');
  if (code) {
    const seconds = Number(code.dataset.codeSeconds);
    const [shown, left, offline] = ['shown', 'left', 'offline'].map((it) => code.querySelector(`[data-code-${it}]`));
    let due = Date.now() + seconds * 1000;
    let fetching = false;
    const putAway = () => { shown.replaceChildren(); shown.hidden = true; };
    const refresh = async () => {
      if (fetching) return;
      fetching = true;
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), 4000);
      try {
        const answer = await fetch(location.href, { signal: stop.signal });
        if (answer.redirected) { location.reload(); return; }
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
        const next = answer.ok && page.querySelector('[data-code-shown]');
        if (!next) throw new Error('no code');
        shown.replaceChildren(...next.childNodes);
        shown.hidden = false;
        offline.hidden = true;
        due = Date.now() + seconds * 1000;
      } catch {
        putAway();
        offline.hidden = false;
        due = Date.now() + 5000;
      } finally {
        clearTimeout(timer);
        fetching = false;
      }
    };
    const tick = () => {
      const rest = Math.max(0, Math.ceil((due - Date.now()) / 1000));
      left.textContent = String(rest);
      if (rest === 0) { if (document.hidden) putAway(); else refresh(); }
    };
    const awake = () => { if (navigator.wakeLock) navigator.wakeLock.request('screen').catch(() => {}); };
    left.closest('[hidden]').hidden = false;
    setInterval(tick, 500);
    tick();
    awake();
    document.addEventListener('visibilitychange', () => { if (!document.hidden) { tick(); awake(); } });
    window.addEventListener('offline', refresh);
    window.addEventListener('online', refresh);
  }

  // Printing and reading aloud.
  each('[data-print]', (button) => { button.hidden = false; button.addEventListener('click', () => window.print()); });
  each('[data-read]', (button) => {
    if (!('speechSynthesis' in window)) return;
    button.hidden = false;
    button.addEventListener('click', () => {
      const text = document.getElementById(button.dataset.read).innerText;
      const speech = new SpeechSynthesisUtterance(text);
      speech.lang = document.documentElement.lang;
      speechSynthesis.cancel();
      speechSynthesis.speak(speech);
    });
  });
})();
