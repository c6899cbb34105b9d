// Counts the code's time down, and goes on once somebody has typed it. Without
// this the page asks again by itself, and its forms work as forms do.

const page = document.querySelector('.pair'), state = page.dataset.state;
const LOOK = 2000;  // ms between two looks
const RENEWALS = 5; // codes drawn one after another without anybody touching the page
const drawn = 'motcua.pair.drawn';
const memory = {
  get: () => { try { return Number(sessionStorage.getItem(drawn)) || 0; } catch (e) { return RENEWALS; } },
  set: (n) => { try { sessionStorage.setItem(drawn, String(n)); } catch (e) { /* then nothing is drawn by itself */ } },
};

const problem = document.querySelector('.problem[tabindex]');
if (problem) problem.focus();

// Somebody pressed a button himself: the count begins anew.
document.addEventListener('submit', () => memory.set(0));

/** Asks for a code by itself; false when it has done so often enough. */
function draw(form) {
  const n = memory.get();
  if (n >= RENEWALS) return false;
  memory.set(n + 1);
  form.submit();
  return true;
}

function count() {
  const end = performance.now() + page.dataset.left * 1000, left = document.getElementById('left');
  const seconds = () => Math.max(0, Math.round((end - performance.now()) / 1000));
  const tick = () => {
    const s = seconds();
    left.textContent = Math.floor(s / 60) + ':' + String(s % 60).padStart(2, '0');
  };
  setInterval(tick, 1000);
  const away = document.getElementById('away');
  const look = async () => {
    try {
      const answer = await fetch('/pair/state', { cache: 'no-store' });
      if (!answer.ok) throw new Error(String(answer.status));
      const now = (await answer.json()).state;
      away.hidden = true;
      if (now !== 'waiting') {
        // One whose time is up is followed by the next; one that was sent away,
        // or guessed at too often, waits for a person.
        if (now === 'over' && seconds() < 3 && draw(document.getElementById('again'))) return;
        location.replace(location.pathname + location.search);
        return;
      }
    } catch (e) {
      away.hidden = false; // the next look finds it
    }
    setTimeout(look, LOOK);
  };
  setTimeout(look, LOOK);
}

if (state === 'waiting') count();
// A wall has no keyboard: it shows its code unasked.
else if (state === 'ask' && new URLSearchParams(location.search).get('as') === 'board' && !problem) draw(document.getElementById('ask'));
