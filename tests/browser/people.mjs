// Citizens and clerks at browsers of their own, whose every page is looked at.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { AXE, beyondAxe, violations } from './accessible.mjs'
import { complaints, sideways } from './chromium.mjs'
import { binary, OUT, ROOT } from './portal.mjs'

export const LOOKS = [
  { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  { viewport: { width: 390, height: 844 }, colorScheme: 'dark' },
]

/** A fresh visitor; pictures of what `looks` has looked at lie in `tests/out/<folder>`. */
export async function visitor(t, browser, { folder, town, look, expected }) {
  const pictures = join(OUT, folder)
  mkdirSync(pictures, { recursive: true })
  const context = await browser.newContext({ reducedMotion: 'reduce', ...look })
  context.setDefaultTimeout(15_000)
  await context.addInitScript(AXE)
  t.after(() => context.close())
  const page = await context.newPage()
  const heard = complaints(page, expected)
  t.after(() => assert.deepEqual(heard, []))
  const looks = async (name) => {
    await page.screenshot({ path: join(pictures, `${town}-${name}-${look.viewport.width}-${look.colorScheme}.png`), fullPage: true })
    assert.deepEqual(await violations(page, { experimental: false }), [], `axe on ${name}`)
    assert.deepEqual(await beyondAxe(page), [], name)
    assert.deepEqual(await sideways(page), [], name)
  }
  return { page, context, looks }
}

export const pathOf = (page) => decodeURI(new URL(page.url()).pathname)
export const go = (page, path, action) => Promise.all([page.waitForURL((url) => url.pathname === path), action])

/** Chooses somebody at the simulator. */
export async function chooses(page, person, level) {
  await page.locator(`label[for=person-${person}]`).click()
  await page.locator(`label[for=level-${level}]`).click()
}

/** Makes an account for a clerk; the answer is its first password. */
export function newClerk(portal, town, login, { name, department, role = 'sachbearbeitung' }) {
  const room = ['--data', portal.data, '--now', portal.now]
  const where = department ? ['--department', department] : []
  const made = ['staff', 'add', town, login, '--name', name, '--role', role, ...where, ...room]
  return execFileSync(binary(), made, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}

/** A new clerk's first login, up to the desk. */
export async function atTheDesk(portal, page, town, login, person) {
  const [password, chosen] = [newClerk(portal, town, login, person), 'vier Otter gähnen leise']
  const sends = (path) => go(page, path, page.locator('main form button[type=submit]').last().click())
  const fill = async (fields) => {
    for (const [name, value] of Object.entries(fields)) await page.locator(`main [name=${name}]`).fill(value)
  }
  await page.goto(portal.url(town, '/verwaltung'))
  await fill({ name: login, password })
  await sends('/verwaltung/anmelden/code')
  await fill({ code: await codeOnPage(portal, page) })
  await sends('/verwaltung/passwort')
  await fill({ password, new: chosen, again: chosen })
  await sends('/verwaltung')
}

/** The code that an app shows for the key on the page which sets it up. */
export async function codeOnPage(portal, page) {
  const address = await page.locator('a[href^="otpauth:"]').first().getAttribute('href')
  return code(portal, new URL(address).searchParams.get('secret'))
}

/** Six digits of RFC 6238 at the portal's time, which is rehearsed and goes on from its start. */
export function code(portal, secret) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const step = Buffer.alloc(8)
  step.writeBigUInt64BE(BigInt(Math.floor((Date.parse(portal.now) + (Date.now() - portal.started)) / 30_000)))
  const hash = createHmac('sha1', key).update(step).digest()
  const at = hash[19] & 15
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
