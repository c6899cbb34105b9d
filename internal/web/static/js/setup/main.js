// The wizard's pages work without this. It keeps what follows the machine
// fresh, shows a name on the slip while it is typed, and leads to a mistake.

const page = document.querySelector('.setup');
const LOOK = 700;   // ms between two looks at panel and printer
const TYPED = 400;  // ms without a key before the picture is asked for

const flaws = document.getElementById('flaws') || document.getElementById('elsewhere');
if (flaws) {
  flaws.focus();
  flaws.querySelectorAll('a[href^="#"]').forEach((a) => {
    const field = document.getElementById(a.getAttribute('href').slice(1));
    if (field) field.setAttribute('aria-invalid', 'true');
  });
}

/** Puts the fresh part in place of the old one; who stands on a button stays on it. */
function put(fresh) {
  const old = document.getElementById('live');
  if (!old || !fresh || fresh.innerHTML === old.innerHTML) return;
  const at = document.activeElement;
  const where = at && old.contains(at) ? `${at.tagName}[name="${at.name}"][value="${at.value}"]` : '';
  old.innerHTML = fresh.innerHTML;
  const again = where && old.querySelector(where);
  if (again) again.focus();
}

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: 'text/html' } });
    if (answer.redirected) { location.reload(); return; } // there is a centre now
    if (answer.ok) put(new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('live'));
  } catch (e) {
    // The daemon is away, or restarts: the next look finds it.
  }
  setTimeout(look, LOOK);
}
if (page.hasAttribute('data-live')) {
  setTimeout(look, LOOK);
  // A lamp is lit without leaving the page.
  page.addEventListener('click', (e) => {
    const button = e.target.closest('#live button[name="light"]');
    if (!button) return;
    e.preventDefault();
    fetch(button.form.action, { method: 'POST', body: new URLSearchParams([[button.name, button.value]]) }).catch(() => {});
  });
}

const picture = document.getElementById('picture');
const fields = Array.from(document.querySelectorAll('[data-preview]'));
if (picture && fields.length) {
  let waiting = 0;
  const show = () => {
    const url = new URL(picture.src);
    fields.forEach((f) => url.searchParams.set(f.getAttribute('data-preview'), f.value));
    picture.src = url.href;
  };
  fields.forEach((f) => f.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, TYPED);
  }));
}

// A file that was chosen is the template that was meant.
const file = document.getElementById('file'), own = document.getElementById('template.file');
if (file && own) file.addEventListener('change', () => { own.checked = true; });
