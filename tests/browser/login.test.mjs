// Logging in, in a real browser: as a citizen by the simulator, higher, out again – and as a clerk with an app.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { AXE, beyondAxe, violations } from './accessible.mjs'
import { complaints, launch, sideways } from './chromium.mjs'
import { binary, OUT, Portal, ROOT, TODAY, TOWNS } from './portal.mjs'

const LOOKS = [
  { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
]
const PICTURES = join(OUT, 'login')

let portal, browser, started

before(async () => {
  mkdirSync(PICTURES, { recursive: true })
  started = Date.now()
  portal = await Portal.start()
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await portal?.stop()
})

/** A fresh visitor whose every page is looked at. */
async function visitor(t, town, look) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...look })
  context.setDefaultTimeout(15_000)
  await context.addInitScript(AXE)
  t.after(() => context.close())
  const page = await context.newPage()
  const heard = complaints(page)
  t.after(() => assert.deepEqual(heard, []))
  const looks = async (name) => {
    assert.deepEqual(await violations(page, { experimental: false }), [], `axe on ${name}`)
    assert.deepEqual(await beyondAxe(page), [], name)
    assert.deepEqual(await sideways(page), [], name)
    await page.screenshot({ path: join(PICTURES, `${town}-${name}-${look.viewport.width}-${look.colorScheme}.png`), fullPage: true })
  }
  return { page, context, looks }
}

const pathOf = (page) => decodeURI(new URL(page.url()).pathname)
const go = (page, path, action) => Promise.all([page.waitForURL((url) => url.pathname === path), action])

async function chooses(page, person, level) {
  await page.locator(`label[for=person-${person}]`).click()
  await page.locator(`label[for=level-${level}]`).click()
}

for (const [index, town] of TOWNS.entries()) {
  describe(town, () => {
    test('a citizen logs in from a service, comes back, proves more, and leaves', async (t) => {
      const { page, looks } = await visitor(t, town, LOOKS[index])
      const service = '/dienstleistungen/hund-anmelden'
      await page.goto(portal.url(town, `/anmelden?zurueck=${service}`))
      await looks('anmelden')
      await go(page, '/anmelden/probe', page.locator('a[href*="/anmelden/probe"]').first().click())
      await looks('probe')
      await chooses(page, 'erika', 'basis')
      await go(page, service, page.locator('form button[type=submit]').last().click())
      assert.match(await page.getByRole('banner').innerText(), /EM|Erika/)

      await page.goto(portal.url(town, '/meine-daten'))
      await looks('meine-daten-basis')
      await page.goto(portal.url(town, '/anmelden/probe?niveau=hoch'))
      await chooses(page, 'erika', 'hoch')
      await go(page, '/meine-daten', page.locator('form button[type=submit]').last().click())
      assert.match(await page.locator('main').innerText(), /Ausweis/)
      await looks('meine-daten-hoch')

      await page.goto(portal.url(town, '/meine-daten/sitzungen'))
      await looks('sitzungen')
      await page.goto(portal.url(town, '/abmelden'))
      await looks('abmelden')
      await page.locator('main form button[type=submit]').click()
      await page.waitForLoadState()
      await looks('abgemeldet')
      await page.goto(portal.url(town, '/meine-daten'))
      assert.equal(pathOf(page), '/anmelden')
    })

    test('a login on one device is ended from another', async (t) => {
      const phone = await visitor(t, town, LOOKS[1])
      const desk = await visitor(t, town, LOOKS[0])
      for (const { page } of [phone, desk]) {
        await page.goto(portal.url(town, '/anmelden/probe'))
        await chooses(page, 'kim', 'basis')
        await go(page, '/meine-daten', page.locator('form button[type=submit]').last().click())
      }
      await desk.page.goto(portal.url(town, '/meine-daten/sitzungen'))
      await desk.looks('sitzungen-zwei')
      await desk.page.locator('button[name=end][value=others]').click()
      await desk.page.waitForLoadState()
      await desk.looks('sitzungen-beendet')
      await phone.page.goto(portal.url(town, '/meine-daten'))
      assert.equal(pathOf(phone.page), '/anmelden')
    })

    test('a clerk sets an app up and reaches the desk', async (t) => {
      const { page, looks } = await visitor(t, town, LOOKS[1 - index])
      const login = `p.muster.${town}`
      const room = ['--data', portal.data, '--now', TODAY]
      const made = ['staff', 'add', town, login, '--name', 'Petra Muster', '--role', 'sachbearbeitung', ...room]
      const password = execFileSync(binary(), made, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
      await page.goto(portal.url(town, '/verwaltung'))
      assert.equal(pathOf(page), '/verwaltung/anmelden')
      await looks('verwaltung-anmelden')
      await page.locator('input[name=name]').fill(login)
      await page.locator('input[name=password]').fill('falsch')
      await page.locator('form button[type=submit]').last().click()
      await page.waitForLoadState()
      await looks('verwaltung-falsch')
      await page.locator('input[name=name]').fill(login)
      await page.locator('input[name=password]').fill(password)
      await go(page, '/verwaltung/anmelden/code', page.locator('form button[type=submit]').last().click())
      await looks('verwaltung-einrichten')
      const address = await page.locator('a[href^="otpauth:"]').first().getAttribute('href')
      const secret = new URL(address).searchParams.get('secret')
      await page.locator('input[name=code]').fill(code(secret))
      await go(page, '/verwaltung/passwort', page.locator('main form button[type=submit]').click())
      await looks('verwaltung-passwort')
      await page.locator('input[name=password]').fill(password)
      for (const field of ['new', 'again']) await page.locator(`input[name=${field}]`).fill('kurz')
      await page.locator('main form button[type=submit]').click()
      await page.waitForLoadState()
      await looks('verwaltung-passwort-falsch')
      await page.locator('input[name=password]').fill(password)
      for (const field of ['new', 'again']) await page.locator(`input[name=${field}]`).fill('vier Otter gähnen leise')
      await go(page, '/verwaltung', page.locator('main form button[type=submit]').click())
      assert.match(await page.locator('body').innerText(), /Petra Muster/)
      await looks('verwaltung')
    })
  })
}

/** Six digits of RFC 6238 at the portal's time, which is rehearsed and goes on from its start. */
function code(secret) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor((Date.parse(TODAY) + (Date.now() - started)) / 30_000)))
  const hash = createHmac('sha1', key).update(step).digest()
  const at = hash[19] & 15
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
