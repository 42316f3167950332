// Makes the pictures of the README and the handbooks, or of every kind of page. Beside the model towns stands Auental, as
// `portal tenant new` writes it; a specimen citizen logs in and writes to the town hall, registers a dog and is asked about
// it by a clerk; somebody takes an old account over; and the report of a plan shows one changed sentence of the towns' layer.
//
//   cargo build && node tests/browser/screenshots.mjs              → docs/screenshots/*.png
//   cargo build && node tests/browser/screenshots.mjs --all DIR    → every page, town, width and scheme
//
// `tests/run` has installed what this needs. With pngquant (a Debian package) the pictures are a third of the size.
import { execFileSync, spawnSync } from 'node:child_process'
import { appendFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { launch } from './chromium.mjs'
import { mailPage } from './mails.mjs'
import { atTheDesk, chooses, go } from './people.mjs'
import { ALL, nameOf } from './pages.mjs'
import { binary, Portal, ROOT, TODAY, TOWNS } from './portal.mjs'

const README = ['/', '/dienstleistungen/hund-anmelden']
const SIZES = [{ width: 390, height: 844 }, { width: 1280, height: 900 }]
const SCHEMES = ['light', 'dark']
const LOOKS = SIZES.flatMap((size) => SCHEMES.map((colorScheme) => ({ size, colorScheme })))
const [PHONE, PHONE_DARK, DESK, DESK_DARK] = LOOKS

const [option, where] = process.argv.slice(2)
if (option && (option !== '--all' || !where)) {
  console.error('error: unknown arguments\nhint: node tests/browser/screenshots.mjs [--all DIR]')
  process.exit(2)
}
const all = option === '--all'
const folder = all ? resolve(where) : resolve(import.meta.dirname, '../../docs/screenshots')

await mkdir(folder, { recursive: true })
if (!all) for (const old of await readdir(folder)) if (old.endsWith('.png')) await rm(join(folder, old))

const work = await mkdtemp(join(tmpdir(), 'portal-pictures-'))
const towns = join(work, 'tenants')
await cp(join(ROOT, 'tenants'), towns, { recursive: true })
command('tenant', 'new', 'auental', '--name', 'Auental', '--host', 'portal.auental.example', '--color', '#1b6e4b')

const portal = await Portal.start(['--tenants', towns])
const browser = await launch()
try {
  for (const town of TOWNS) await pictures(town, all ? ALL : README)
  if (!all) {
    await pictures('auental', ['/'])
    for (const look of [PHONE, DESK]) await login('herford', look)
    await login('loehne', PHONE_DARK)
    await mail('herford')
    await application('herford')
    await registration('loehne')
    await report()
  }
  if (!all) await move('loehne')
} finally {
  await browser.close()
  await portal.stop()
  await rm(work, { recursive: true, force: true })
}
shrink(folder)

/** A command of the portal in the folder of this run, so that reports name short paths. */
function command(...line) {
  const { status, stderr, error } = spawnSync(binary(), line, { cwd: work, encoding: 'utf8' })
  if (error || status === 2) throw new Error(`\`portal ${line.join(' ')}\` could not run\n${error?.message ?? stderr}`)
}

async function pictures(town, paths) {
  const context = await browser.newContext({ reducedMotion: 'reduce' })
  const page = await context.newPage()
  for (const path of paths) {
    await page.goto(portal.url(town, path))
    await picture(page, `${town}-${nameOf(path)}`, LOOKS)
  }
  await context.close()
}

async function picture(page, name, looks) {
  await page.evaluate(() => document.fonts.ready)
  for (const { size, colorScheme } of looks) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme })
    const file = join(folder, `${name}-${size.width}-${colorScheme}.png`)
    await page.screenshot({ path: file, fullPage: all, scale: 'css' })
    console.log(file)
  }
}

/** From a service that asks for the ID card to one's own data, as somebody who does not exist. */
async function login(town, look) {
  const context = await browser.newContext({ reducedMotion: 'reduce', viewport: look.size })
  const page = await context.newPage()
  await page.goto(portal.url(town, '/anmelden?zurueck=/dienstleistungen/fuehrungszeugnis'))
  await picture(page, `${town}-anmelden`, [look])
  await page.locator('a[href*="/anmelden/probe"]').click()
  await page.locator('label[for=person-erika]').click()
  await picture(page, `${town}-probe`, [look])
  await page.locator('main form button[type=submit]').click()
  await page.waitForURL('**/dienstleistungen/fuehrungszeugnis')
  await page.goto(portal.url(town, '/meine-daten#now'))
  await picture(page, `${town}-meine-daten`, [look])
  await context.close()
}

/** What the town hall gets when somebody writes to it. */
async function mail(town) {
  const page = await browser.newPage()
  await page.goto(portal.url(town, '/kontakt'))
  await page.locator('[name=message]').fill('Guten Tag, unser Hund heißt jetzt anders. Brauchen wir eine neue Marke?')
  await page.locator('[name=subject]').fill('Hundemarke')
  await page.locator('[name=name]').fill('Erika Mustermann')
  await page.locator('[name=email]').fill('erika@example.org')
  await page.locator('main form button[type=submit]').click()
  await page.waitForLoadState()
  await page.goto('about:blank') // the policy of the portal's pages would take the mail's style away
  await page.setContent(await mailPage(portal, town, 'Nachricht über das Kontaktformular'))
  await picture(page, `${town}-mail`, [PHONE, PHONE_DARK])
  await page.close()
}

function sends(page, path) {
  return go(page, path, page.locator('main form button[type=submit]').last().click())
}

function presses(page, button) {
  return Promise.all([page.waitForEvent('domcontentloaded'), page.locator(button).first().click()])
}

async function pick(page, answers) {
  for (const [name, value] of Object.entries(answers)) await page.locator(`input[name="${name}"][value="${value}"] + label`).click()
}

async function fill(page, answers) {
  for (const [name, value] of Object.entries(answers)) await page.locator(`main [name="${name}"]`).fill(value)
}

/** A dog is registered, and the clerk asks for something: the same case at both ends. */
async function application(town) {
  const context = await browser.newContext({ reducedMotion: 'reduce', viewport: DESK.size })
  const page = await context.newPage()
  await page.goto(portal.url(town, '/anmelden/probe?niveau=hoch&zurueck=/dienstleistungen/hund-anmelden/antrag'))
  await chooses(page, 'erika', 'hoch')
  await sends(page, '/dienstleistungen/hund-anmelden/antrag')
  await presses(page, 'main form button')
  const next = () => presses(page, '.onwards button[value=next]')
  await pick(page, { anlass: 'neu' })
  await fill(page, { weitere_hunde: '0' })
  await next()
  await pick(page, { herkunft: 'privat' })
  await next()
  await page.waitForURL(/\/hund$/)
  await fill(page, { rufname: 'Waldi', rasse: 'Dackel', geboren: '1.4.2025', seit: '14. November 2026' })
  await pick(page, { geschlecht: 'ruede', art: 'keine' })
  await next()
  await pick(page, { halter: 'ich' })
  await next()
  await page.waitForURL(/\/kontakt$/)
  await picture(page, `${town}-antrag`, [PHONE, DESK])
  await next()
  await pick(page, { zahlweg: 'ueberweisung' })
  await next()
  await page.waitForURL(/\/pruefen$/)
  await page.locator('label[for=f-confirm]').click()
  await presses(page, '.binding button')
  const number = await page.locator('.big-number').first().innerText()

  const desk = await (await browser.newContext({ reducedMotion: 'reduce', viewport: DESK.size })).newPage()
  await atTheDesk(portal, desk, town, 's.steuer', { name: 'Sami Steuer', department: 'steueramt' })
  await desk.goto(portal.url(town, `/verwaltung/vorgaenge/${number}`))
  await presses(desk, 'button[value=claim]')
  await presses(desk, 'a[href*="vorlage=nachforderung"]')
  const request = await desk.locator('textarea[name=text]').inputValue()
  await fill(desk, { text: request.replace('[Unterlage oder Angabe]', 'ein Foto des Impfpasses von Waldi') })
  await presses(desk, 'button[value=ask]')

  await page.goto(portal.url(town, '/postkorb'))
  await presses(page, '.threads li:first-child a')
  await fill(page, { message: 'Die Nummer im Impfpass von Waldi ist 4711.' })
  await presses(page, 'button[value=answer]')
  await page.goto(page.url().split(/[?#]/)[0])
  await picture(page, `${town}-postkorb`, [PHONE, DESK])
  await desk.goto(portal.url(town, `/verwaltung/vorgaenge/${number}`))
  await picture(desk, `${town}-vorgang`, [DESK, DESK_DARK])
  await desk.goto(portal.url(town, '/verwaltung/vorgaenge'))
  await picture(desk, `${town}-arbeitsliste`, [DESK])
  await desk.context().close()
  await context.close()
}

/** An account of the portal's own, which the model towns do not offer: this copy does from here on. */
async function registration(town) {
  await appendFile(join(towns, town, 'identity.yaml'), '  - {id: konto, kind: local, for: citizens, name: Portal-Konto}\n')
  for (const end = Date.now() + 20_000; (await portal.get(town, '/registrieren')).status !== 200; ) {
    if (Date.now() > end) throw new Error(`${town} offers no registration`)
  }
  const page = await browser.newPage()
  await page.goto(portal.url(town, '/registrieren'))
  await picture(page, `${town}-registrieren`, [PHONE])
  await page.close()
}

/** What lies in an old account is taken over, on a day of the change; and how the town hall sees it. */
async function move(town) {
  const rehearsal = await Portal.start(['--specimens'], '2024-06-17T09:00:00+02:00')
  const context = await browser.newContext({ reducedMotion: 'reduce', viewport: DESK.size })
  const page = await context.newPage()
  const logsIn = async (provider) => {
    await page.goto(rehearsal.url(town, `/anmelden/${provider}?zurueck=/meine-daten&niveau=basis`))
    await chooses(page, 'erika', 'basis')
    await sends(page, '/meine-daten')
  }
  try {
    await logsIn('servicekonto-nrw')
    await page.goto(rehearsal.url(town, '/abmelden'))
    await presses(page, 'main form button[type=submit]')
    await logsIn('bundid')
    await page.goto(rehearsal.url(town, '/meine-daten/altes-konto'))
    await picture(page, `${town}-altes-konto`, [PHONE, DESK])
    await fill(page, { email: 'erika@example.org' })
    await presses(page, 'main form button[type=submit]')
    const mail = await mailPage(rehearsal, town, 'Daten aus Ihrem alten Konto')
    await page.goto(/https?:[^"]*\/altes-konto\/[\w-]{43}/.exec(mail)[0])
    await presses(page, 'main form button[type=submit]')
    const desk = await (await browser.newContext({ reducedMotion: 'reduce', viewport: DESK.size })).newPage()
    await atTheDesk(rehearsal, desk, town, 'a.amt', { name: 'Alex Amt', role: 'administration' })
    await desk.goto(rehearsal.url(town, '/verwaltung/umzuege'))
    await picture(desk, `${town}-kontowechsel`, [DESK])
    await desk.context().close()
  } finally {
    await context.close()
    await rehearsal.stop()
  }
}

async function report() {
  const changed = join(work, 'neu')
  await cp(towns, changed, { recursive: true })
  const service = join(changed, '_nrw/services/hund-anmelden.yaml')
  const before = await readFile(service, 'utf8')
  const after = before.replace('Die Marke kommt mit der Post.', 'Die Hundemarke kommt nach zwei Wochen mit der Post.')
  if (after === before) throw new Error(`\`${service}\` does not say any more what the report is to change`)
  await writeFile(service, after)
  command('plan', '--from', 'tenants', '--to', 'neu', '--at', TODAY.slice(0, 16), '--html', 'plan.html')

  const page = await browser.newPage({ viewport: { width: 1280, height: 1100 }, colorScheme: 'light' })
  await page.goto(pathToFileURL(join(work, 'plan.html')).href)
  await page.screenshot({ path: join(folder, 'plan-1280-light.png'), scale: 'css' })
  await page.close()
}

function shrink(folder) {
  if (spawnSync('pngquant', ['--version']).status !== 0) return console.error('hint: with pngquant the pictures get smaller')
  execFileSync('bash', ['-c', 'pngquant --force --skip-if-larger --strip --speed 1 --ext .png 64 -- "$1"/*.png || [ $? -eq 98 ]', 'bash', folder])
}
