// Walking a page with the Tab key: where the focus stops, whether one sees it, what lies before and behind.
import assert from 'node:assert/strict'

const FOCUSABLE = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'

/** Remembers how everything looks without the focus, and puts the focus before the first stop. */
async function setOut(page) {
  await page.evaluate((focusable) => {
    document.body.tabIndex = -1
    document.body.focus()
    document.body.removeAttribute('tabindex')
    window.look = (element) =>
      [null, '::after'].map((part) => {
        const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(element, part)
        const ring = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && !/, 0\)$/.test(outlineColor)
        return `${ring && outlineColor + outlineWidth} ${boxShadow}`
      }).join()
    window.calm = new Map([...document.querySelectorAll(focusable)].map((element) => [element, window.look(element)]))
  }, FOCUSABLE)
}

/** Where the focus is; nothing when it has left the page. */
const here = (page) =>
  page.evaluate(() => {
    const element = document.activeElement
    if (!element || element === document.body) return null
    const whole = element.getClientRects()[0] ?? new DOMRect()
    // of a large field browsers bring the line into view in which one writes, not the whole of it
    const box = new DOMRect(whole.x, whole.y, whole.width, element.localName === 'textarea' ? Math.min(whole.height, 48) : whole.height)
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
    return {
      is: [...window.calm.keys()].indexOf(element),
      what: `${element.localName} "${(element.innerText || element.ariaLabel || element.name || '').trim().replace(/\s+/g, ' ')}"`,
      href: element.getAttribute('href'),
      isShown: window.look(element) !== window.calm.get(element),
      isInView: box.width > 0 && box.top >= 0 && box.bottom <= innerHeight,
      isOnTop: element.contains(top) || Boolean(top?.contains(element)),
      box: { left: box.left, right: box.right, top: box.top + scrollY, bottom: box.bottom + scrollY },
    }
  })

/** What Tab could reach: visible, and not folded away. */
const reachable = (page) =>
  page.evaluate(() =>
    [...window.calm.keys()]
      .filter((element) => element.tabIndex >= 0 && !element.disabled && element.checkVisibility({ visibilityProperty: true }))
      .map((element) => [...window.calm.keys()].indexOf(element)))

/** Tabs once through the page and returns every stop; fails when the focus hides, jumps back up or never leaves. */
export async function walk(page, key = 'Tab') {
  await setOut(page)
  const expected = await reachable(page)
  const stops = []
  const troubles = []
  for (;;) {
    await page.keyboard.press(key)
    const stop = await here(page)
    if (!stop || stop.is === stops[0]?.is) break
    assert.ok(stops.length <= expected.length, `the focus is caught at ${stop.what}`)
    if (!stop.isShown) troubles.push(`nothing shows the focus on ${stop.what}`)
    if (!stop.isInView || !stop.isOnTop) troubles.push(`the focus is out of sight on ${stop.what}`)
    const before = stops.at(-1)
    if (before && key === 'Tab' && jumpsBack(before.box, stop.box)) troubles.push(`from ${before.what} the focus jumps back to ${stop.what}`)
    stops.push(stop)
  }
  assert.deepEqual(troubles, [])
  const reached = stops.map((stop) => stop.is).sort((one, other) => one - other)
  assert.deepEqual(reached, expected, 'everything is reached, and once')
  return stops
}

/** Up is allowed only into a column further right; left only below. */
function jumpsBack(from, to) {
  const isAbove = to.bottom <= from.top + 1
  const isLeft = to.right <= from.left + 1
  const isSameLine = to.top < from.bottom && to.bottom > from.top
  return (isAbove && to.left < from.right - 1) || (isLeft && isSameLine && to.top < from.bottom - 8)
}

/** Tabs on until a stop is the wanted one. */
export async function tabTo(page, wanted, presses = 150) {
  await page.evaluate(() => window.calm ?? 0) || (await setOut(page))
  for (let press = 0; press < presses; press++) {
    await page.keyboard.press('Tab')
    const stop = await here(page)
    if (!stop) continue
    assert.ok(stop.isShown && stop.isInView, `the focus is in sight on ${stop.what}`)
    if (wanted(stop)) return stop
  }
  assert.fail(`not reached with ${presses} tabs: ${wanted}`)
}
