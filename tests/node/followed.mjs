// Runs in a page that is open while the site changes, the same in every browser.

// Marks elements that have to survive, and opens the first group.
export function mark() {
  const details = document.querySelector("details");
  if (details) details.open = true;
  document.querySelector('main a[href="/incidents/1/"], main a[href="/"]').focus();
  document.activeElement.mine = true;
  for (const element of document.querySelectorAll("details, #u1, #i1")) element.mine = true;
  window.loads = (window.loads ?? 0) + 1;
}

// The state of the marked elements.
export function marked() {
  return {
    loads: window.loads,
    focus: document.activeElement.mine === true,
    kept: [...document.querySelectorAll("#u1, #i1")].every((element) => element.mine),
    opened: [...document.querySelectorAll("details")].slice(0, 1).every((d) => d.open && d.mine),
    said: document.querySelector("[role=status]").textContent,
    fresh: document.getElementById("fresh").textContent,
  };
}

// The problems with that state once the page has changed, as sentences.
export function disturbed({ loads, focus, kept, opened, said, fresh }) {
  const wrong = [];
  if (loads !== 1) wrong.push("it was loaded again");
  if (!focus) wrong.push("the focus has moved");
  if (!kept) wrong.push("what did not change was replaced");
  if (!opened) wrong.push("what was opened is closed");
  if (!/^This page has changed: \S/.test(said)) wrong.push(`announced is ${said}`);
  if (!/Checked/.test(fresh)) wrong.push(`freshness is ${fresh}`);
  return wrong;
}

// The page without the script's additions and without visitors' changes.
export function words() {
  for (const own of document.querySelectorAll(".own, .late, #fresh, #said")) own.remove();
  for (const time of document.querySelectorAll("time")) time.removeAttribute("title");
  for (const element of document.querySelectorAll("details")) element.open = false;
  const parts = ["now", "main", "foot"].map((id) => document.getElementById(id).outerHTML);
  return parts.join("").replace(/>\s+</g, "><");
}
