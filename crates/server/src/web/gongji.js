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
