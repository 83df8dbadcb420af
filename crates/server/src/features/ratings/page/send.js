// Keeps the last tap that could not be sent on this phone, and sends it when there is a network again.
// Its id was minted with the page: however often it is sent, it counts once. Without this script the
// forms work by themselves.
const KEY = 'danh-gia';
let busy = false;

async function send() {
  const kept = localStorage.getItem(KEY);
  if (kept === null || busy) return;
  const { to, body } = JSON.parse(kept);
  busy = true;
  try {
    const reply = await fetch(to, { method: 'POST', body: new URLSearchParams(body), headers: { accept: 'text/html' } });
    // What the server cannot do now, it can do later; what it refuses, it refuses for good.
    if (reply.status >= 500 || reply.status === 429) throw new Error('later');
    if (localStorage.getItem(KEY) === kept) localStorage.removeItem(KEY);
    if (new URL(to).pathname === location.pathname) location.reload();
  } catch {
    for (const note of document.querySelectorAll('.pending')) note.hidden = false;
  } finally {
    busy = false;
  }
}

document.addEventListener('submit', (event) => {
  const body = [...new FormData(event.target, event.submitter)];
  event.preventDefault();
  localStorage.setItem(KEY, JSON.stringify({ to: event.target.action, body }));
  void send();
});
addEventListener('online', send);
setInterval(send, 10_000);
void send();
