// From the form to the decision: a citizen and a clerk at two browsers, a guest at a third.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { launch } from './chromium.mjs'
import { mailPage } from './mails.mjs'
import { atTheDesk, chooses, go, LOOKS, pathOf, visitor as visits } from './people.mjs'
import { Portal, TOWNS } from './portal.mjs'

let portal, browser

before(async () => {
  portal = await Portal.start()
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await portal?.stop()
})

const visitor = (t, town, look) => visits(t, browser, { folder: 'journey', town, look, expected: (url) => /antraege|abfragen/.test(url) })

/** Presses and waits for the page that follows. */
async function presses(page, button) {
  await Promise.all([page.waitForEvent('domcontentloaded'), page.locator(button).click()])
}

const NEXT = '.onwards button[value=next]'
const fill = async (page, answers) => {
  for (const [name, value] of Object.entries(answers)) await page.locator(`[name="${name}"]`).fill(value)
}
const pick = async (page, answers) => {
  for (const [name, value] of Object.entries(answers)) await page.locator(`input[name="${name}"][value="${value}"] + label`).click()
}

/** What a page complains about: each complaint leads to its field, and the page opens there. */
async function complains(page, ...fields) {
  const ways = await page.locator('#fehler a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))
  assert.deepEqual(ways, fields.map((field) => `#f-${field}`))
  assert.equal(await page.evaluate(() => document.activeElement.id), 'fehler')
  for (const way of ways) assert.equal(await page.locator(`[id="${way.slice(1)}"]`).count(), 1, way)
}

/** An answer brought further questions: said once, and nothing is called wrong yet. */
async function asksMore(page) {
  assert.equal(await page.locator('#fehler').count(), 0)
  assert.equal(await page.locator('main .note-info[role=status]').count(), 1)
}

const DOG = { rufname: 'Waldi', rasse: 'Dackel', geboren: '1.4.2025', seit: '12. Oktober 2026' }

describe('journeys', { concurrency: true }, () => {
  for (const [index, town] of TOWNS.entries()) {
    describe(town, { concurrency: true }, () => {
      test('a dog is registered, asked about, and decided on', async (t) => {
        const { page, looks } = await visitor(t, town, LOOKS[index])
        await page.goto(portal.url(town, '/suche?q=hund+anmelden'))
        await presses(page, 'main a[href="/dienstleistungen/hund-anmelden"]')
        await go(page, '/dienstleistungen/hund-anmelden/antrag', page.locator('.action a.button').click())
        await looks('01-beginn')
        await page.locator('main a.button-big').click()
        await page.locator('a[href*="/anmelden/probe"]').first().click()
        await chooses(page, 'erika', ['hoch', 'basis'][index])
        await go(page, '/dienstleistungen/hund-anmelden/antrag', page.locator('form button[type=submit]').last().click())
        await presses(page, 'main form button')
        assert.match(pathOf(page), /^\/antraege\/[^/]+\/anlass$/)
        await looks('03-anlass')
        await presses(page, NEXT)
        await looks('04-anlass-leer')
        await complains(page, 'anlass', 'weitere_hunde')

        await pick(page, { anlass: 'neu' })
        await fill(page, { weitere_hunde: '0' })
        await presses(page, NEXT)
        await looks('05-anlass-folgefrage')
        await asksMore(page)
        await pick(page, { herkunft: 'tierheim' })
        await presses(page, NEXT)
        // what this answer made the page say is read first
        await looks('05-anlass-hinweis')
        assert.match(pathOf(page), /\/anlass$/)
        await asksMore(page)
        await presses(page, NEXT)
        await page.waitForURL(/\/hund$/)
        await looks('06-hund')
        await fill(page, { ...DOG, geboren: '31.2.2025', seit: '1.1.2030' })
        await pick(page, { geschlecht: 'ruede', art: 'keine' })
        await presses(page, NEXT)
        await looks('07-hund-falsch')
        await complains(page, 'geboren', 'seit')
        await fill(page, DOG)
        await presses(page, '.later button')
        await looks('08-gespeichert')
        assert.match(await page.locator('main').innerText(), /gespeichert/)

        await page.goto(portal.url(town, '/vorgaenge'))
        await looks('09-vorgaenge-entwurf')
        await presses(page, '.waiting .button')
        await page.waitForURL(/\/halter$/)
        await presses(page, '.areas a[href$="/hund"]')
        assert.equal(await page.locator('[name=rufname]').inputValue(), 'Waldi')
        await presses(page, 'button[value=add]')
        await page.waitForURL(/\/hund-2$/)
        await looks('11-hund-2')
        await fill(page, { ...DOG, rufname: 'Bella', rasse: 'Labrador' })
        await pick(page, { geschlecht: 'huendin', art: 'gross' })
        await presses(page, NEXT)
        await looks('12-hund-2-chip')
        await complains(page, 'chip')
        await fill(page, { chip: '276098102345678' })
        await presses(page, NEXT)
        await page.waitForURL(/\/halter$/)
        await pick(page, { halter: 'ich' })
        await looks('13-halter')
        await presses(page, NEXT)
        await page.waitForURL(/\/kontakt$/)
        await looks('14-kontakt')
        assert.equal(await page.locator('[name=nachname]').inputValue(), 'Mustermann')
        await presses(page, NEXT)
        await page.waitForURL(/\/zahlung$/)
        await pick(page, { zahlweg: 'lastschrift' })
        await presses(page, NEXT)
        await looks('15-zahlung-folgefrage')
        await asksMore(page)
        await fill(page, { iban: 'DE89 3704 0044 0532 0130 01' })
        await pick(page, { kontoinhaber: 'ich' })
        await presses(page, NEXT)
        await looks('16-zahlung-falsch')
        await complains(page, 'iban')
        await fill(page, { iban: 'DE89 3704 0044 0532 0130 00' })
        await presses(page, NEXT)
        await page.waitForURL(/\/pruefen$/)
        await looks('17-pruefen')
        await presses(page, '.binding button')
        await looks('18-unbestaetigt')
        await page.locator('label[for=f-confirm]').click()
        await presses(page, '.binding button')
        await page.waitForURL(/\/gesendet$/)
        await looks('19-gesendet')
        const number = await page.locator('.big-number').first().innerText()
        assert.match(number, /^[A-Z]+-2026-\d{6}-\d$/)
        assert.match((await saved(page, '.files a[href$=".pdf"]')).toString('latin1'), /^%PDF-/)
        assert.equal(JSON.parse(await saved(page, '.files a[href$=".json"]')).number, number)

        await presses(page, 'main .actions a.button-big')
        await looks('20-vorgang')
        await presses(page, '.standing a.button-plain')
        await looks('21-frage')
        await fill(page, { subject: 'Zwei Marken?', message: 'Bekomme ich für jeden Hund eine eigene Marke?' })
        await presses(page, 'main form button[type=submit]')
        await looks('22-nachricht')

        const clerk = await visitor(t, town, LOOKS[1 - index])
        const desk = clerk.page
        await atTheDesk(portal, desk, town, `s.steuer.${town}`, { name: 'Sami Steuer', department: 'steueramt' })
        await clerk.looks('30-schreibtisch')
        await desk.goto(portal.url(town, '/verwaltung/vorgaenge'))
        await clerk.looks('31-arbeitsliste')
        await presses(desk, `a[href$="${number}"]`)
        await clerk.looks('32-vorgang')
        assert.match(await desk.locator('main').innerText(), /eigene Marke/)
        await presses(desk, 'button[value=claim]')
        await presses(desk, 'a[href*="vorlage=nachforderung"]')
        await clerk.looks('34-nachfordern')
        const request = await desk.locator('textarea[name=text]').inputValue()
        await fill(desk, { text: request.replace('[Unterlage oder Angabe]', 'ein Foto des Impfpasses von Bella') })
        await presses(desk, 'button[value=ask]')

        assert.doesNotMatch(await mailPage(portal, town, 'Neues in Ihrem Postkorb'), /Hund|Bella|Steueramt/)
        await page.goto(portal.url(town, '/vorgaenge'))
        await presses(page, `.waiting a[href$="${number}"]`)
        await looks('41-wartet-auf-sie')
        assert.match(await page.locator('main').innerText(), /Impfpasses von Bella/)
        await page.goto(portal.url(town, '/postkorb'))
        await looks('42-postkorb')
        await presses(page, '.threads li:first-child a')
        await looks('43-nachrichten')
        await fill(page, { message: 'Die Nummer im Impfpass von Bella ist 4711.' })
        await presses(page, 'button[value=answer]')

        await desk.goto(portal.url(town, `/verwaltung/vorgaenge/${number}`))
        assert.match(await desk.locator('main').innerText(), /4711/)
        await presses(desk, 'a[href*="vorlage=bewilligung"]')
        await clerk.looks('51-bescheid')
        const decision = (await desk.locator('textarea[name=text]').inputValue()).replace(/\[[^\]]*\]/g, 'zwei Hunde ab Oktober')
        await fill(desk, { text: decision })
        await presses(desk, 'button[value=decide]')
        await clerk.looks('52-entschieden')

        await page.goto(portal.url(town, '/postkorb'))
        await looks('60-bescheid-im-postkorb')
        await presses(page, '.threads li:first-child a')
        await looks('61-bescheid')
        assert.doesNotMatch(await page.locator('main').innerText(), /geben wir statt/)
        await presses(page, 'button[value=consent]')
        await looks('62-bescheid-geoeffnet')
        assert.match(await page.locator('main').innerText(), /geben wir statt: zwei Hunde ab Oktober/)
        await page.goto(portal.url(town, `/vorgaenge/${number}`))
        await looks('63-abgeschlossen')
        for (const path of ['/verwaltung/statistik', '/verwaltung/nachrichten', '/verwaltung/vorgaenge/neu', '/verwaltung/vorgaenge?stand=erledigt']) {
          await desk.goto(portal.url(town, path))
          await clerk.looks(`70-${path.replace(/\W+/g, '-')}`)
        }
      })

      test('a guest orders by the keyboard alone and looks the order up', async (t) => {
        const { page, looks } = await visitor(t, town, LOOKS[1 - index])
        await page.goto(portal.url(town, '/dienstleistungen/sperrmuell'))
        await enters(page, '.action a.button')
        await page.waitForURL(/\/antrag$/)
        await looks('80-gast')
        await enters(page, 'main form button')
        await page.waitForURL(/\/sachen$/)
        await looks('81-sachen')
        await types(page, { 'input[value=polster]': 'Space', 'input[value=elektro]': 'Space', '[name=menge]': 'Space' })
        await enters(page, NEXT)
        await page.waitForURL(/\/elektro$/)
        await types(page, { '[name=kuehlgeraete]': 'zwei', '[name=grossgeraete]': '0', '[name=bildschirme]': '1' })
        await page.keyboard.press('Enter')
        await page.locator('#fehler').waitFor()
        await looks('82-elektro-falsch')
        await complains(page, 'kuehlgeraete')
        await enters(page, '#fehler a')
        assert.equal(await page.evaluate(() => document.activeElement.id), 'f-kuehlgeraete')
        await page.keyboard.press('Control+a')
        await page.keyboard.type('2')
        await page.keyboard.press('Enter')
        await page.waitForURL(/\/ort$/)
        await looks('83-ort')
        await types(page, { '[name="abholort.street"]': 'Musterweg 4', '[name="abholort.postal_code"]': '32584', '[name="abholort.city"]': 'Musterstadt' })
        await page.keyboard.press('Enter')
        await page.waitForURL(/\/termin$/)
        await types(page, { '[name=wunsch]': 'Space' })
        await page.keyboard.press('Enter')
        await page.waitForURL(/\/kontakt$/)
        await types(page, { '[name=vorname]': 'Łucja', '[name=nachname]': 'Ağaoğlu', '[name=weg]': 'ArrowUp' })
        await looks('84-kontakt')
        await page.keyboard.press('Enter')
        await page.waitForURL(/\/pruefen$/)
        await looks('85-pruefen')
        await types(page, { '[name=confirm]': 'Space' })
        await page.keyboard.press('Enter')
        await page.waitForURL(/\/gesendet$/)
        await looks('86-gesendet')
        const [number, code] = await page.locator('.big-number').allInnerTexts()
        await enters(page, 'main .actions a.button-big')
        await page.waitForURL(/\/vorgang-abfragen$/)
        await types(page, { '[name=number]': number, '[name=code]': 'AAAA-BBBB' })
        await page.keyboard.press('Enter')
        await page.locator('main .note-disruption').waitFor()
        await looks('87-falscher-code')
        await types(page, { '[name=code]': code.toLowerCase() })
        await page.keyboard.press('Enter')
        await page.locator('.standing').waitFor()
        await looks('88-stand')
        assert.match(await page.locator('main').innerText(), new RegExp(number))
      })
    })
  }
})

/** What a link gives to keep. */
async function saved(page, link) {
  const [download] = await Promise.all([page.waitForEvent('download'), page.locator(link).click()])
  return readFile(await download.path())
}

/** Goes there with Tab, as often as it takes, and never gets lost. */
async function reaches(page, target) {
  for (let at = 0; at < 80; at++) {
    if (await page.evaluate((target) => document.activeElement?.matches(target), target)) return
    await page.keyboard.press('Tab')
  }
  assert.fail(`\`${target}\` is not reached with Tab`)
}

async function enters(page, target) {
  await reaches(page, target)
  await page.keyboard.press('Enter')
}

async function types(page, answers) {
  for (const [target, answer] of Object.entries(answers)) {
    await reaches(page, target)
    if (/^(Space|Arrow\w+)$/.test(answer)) await page.keyboard.press(answer)
    else await page.keyboard.type(answer)
  }
}
