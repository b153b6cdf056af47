// A visitor without a mouse, in any browser: `page` has `evaluate` and `keyboard.press`.

// Every link and every summary gets a visible focus, in the order of the page; a group opens and
// closes. Returns the problems.
export async function tabThrough(page) {
  const wrong = [];
  const wanted = await page.evaluate(() => {
    // The contents of a closed group do not count.
    const all = [...document.querySelectorAll("a[href], summary")].filter((e) => e.checkVisibility());
    all.forEach((element, index) => (element.dataset.place = index));
    return all.length;
  });
  for (let place = 0; place < wanted; place += 1) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const { activeElement } = document;
      const { width, height } = activeElement.getBoundingClientRect();
      const outline = parseFloat(getComputedStyle(activeElement).outlineWidth);
      return { place: Number(activeElement.dataset.place), outline, width, height };
    });
    if (seen.place !== place) wrong.push(`Tab ${place + 1} leads to ${seen.place}`);
    if (seen.outline < 2) wrong.push(`the focus on ${place} cannot be seen`);
    if (seen.width < 2 || seen.height < 2) wrong.push(`${place} has the focus, invisibly`);
  }
  const isOpen = () => page.evaluate(() => document.querySelector("details")?.open ?? null);
  const before = await isOpen();
  if (before === null) return wrong;
  await page.evaluate(() => document.querySelector("summary").focus());
  for (const [key, after] of [["Enter", !before], [" ", before]]) {
    await page.keyboard.press(key);
    if ((await isOpen()) !== after) wrong.push(`"${key}" does not open or close a group`);
    const shown = await page.evaluate(() => document.querySelector("details li").checkVisibility());
    if (shown !== after) wrong.push(`what a group has in it is ${shown ? "" : "not "}shown`);
  }
  return wrong;
}
