// An account of the portal's own in a real browser: registered for, confirmed from the mail, forgotten, protected by an app.
import assert from 'node:assert/strict'
import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { launch } from './chromium.mjs'
import { mailLink } from './mails.mjs'
import { codeOnPage, go, LOOKS, pathOf, visitor as visits } from './people.mjs'
import { Portal, ROOT, TOWNS } from './portal.mjs'

const PASSWORD = 'vier Otter gähnen leise'
const NEW = 'fünf Dohlen zählen Erbsen'
let portal, browser, tenants

before(async () => {
  // the model towns do not offer such accounts: copies of them do
  tenants = await mkdtemp(join(tmpdir(), 'portal-tenants-'))
  await cp(join(ROOT, 'tenants'), tenants, { recursive: true })
  const own = '  - {id: konto, kind: local, for: citizens, name: Portal-Konto}\n'
  for (const town of TOWNS) await appendFile(join(tenants, town, 'identity.yaml'), own)
  // all visitors come from one address, and sooner one after the other than people do
  await writeFile(`${tenants}.yaml`, 'limits: {rates: {login: "off", mail: "off"}}\n')
  portal = await Portal.start(['--tenants', tenants, '--config', `${tenants}.yaml`])
  browser = await launch()
})

after(async () => {
  await browser?.close()
  await portal?.stop()
  for (const left of [tenants, `${tenants}.yaml`]) await rm(left, { recursive: true, force: true })
})

const visitor = (t, town, look) => visits(t, browser, { folder: 'register', town, look })

/** The path of a link that stands in a mail to this address. */
const linkTo = async (town, address, path) => new URL(await mailLink(portal, town, address, path)).pathname

const fill = async (page, fields) => {
  for (const [name, value] of Object.entries(fields)) await page.locator(`input[name=${name}]`).fill(value)
}
const send = (page) => page.locator('main form button[type=submit]').last().click()
const sends = async (page) => {
  await Promise.all([page.waitForEvent('load'), send(page)])
}

for (const town of TOWNS) {
  for (const look of LOOKS) {
    describe(`${town}, ${look.viewport.width}`, () => {
      test('somebody registers, confirms, forgets the password and sets an app up', async (t) => {
        const { page, looks } = await visitor(t, town, look)
        const name = `ida${look.viewport.width}`
        const address = `${name}@example.org`
        await page.goto(portal.url(town, '/anmelden'))
        await looks('anmelden')
        await go(page, '/registrieren', page.locator('main a[href="/registrieren"]').first().click())
        await looks('registrieren')
        await fill(page, { given_name: 'Ida', surname: 'Beispiel', email: 'ida', name: 'i', password: 'kurz', again: 'lang' })
        await sends(page)
        await looks('registrieren-fehler')
        await fill(page, { email: address, name, password: PASSWORD, again: PASSWORD })
        await go(page, '/registrieren/pruefen', send(page))
        await looks('pruefen')
        assert.match(await page.locator('main').innerText(), new RegExp(address))
        await sends(page)
        await looks('abgeschickt')

        const link = await linkTo(town, address, '/registrieren/bestaetigen/')
        await page.goto(portal.url(town, link))
        await looks('bestaetigen')
        await sends(page)
        await looks('fertig')
        await page.goto(portal.url(town, link))
        await looks('link-verbraucht')

        await page.goto(portal.url(town, '/anmelden/konto'))
        await looks('konto')
        await fill(page, { name, password: 'falsch' })
        await sends(page)
        await looks('konto-fehler')
        await go(page, '/passwort-vergessen', page.locator('main a[href="/passwort-vergessen"]').click())
        await looks('vergessen')
        await fill(page, { email: address })
        await sends(page)
        await looks('vergessen-abgeschickt')
        await page.goto(portal.url(town, await linkTo(town, address, '/passwort-vergessen/')))
        await looks('neues-passwort')
        await fill(page, { new: NEW, again: PASSWORD })
        await sends(page)
        await looks('neues-passwort-fehler')
        await fill(page, { new: NEW, again: NEW })
        await go(page, '/anmelden/konto', send(page))
        await looks('konto-neues-passwort')
        await fill(page, { name, password: NEW })
        await go(page, '/meine-daten', send(page))

        await page.goto(portal.url(town, '/meine-daten/sicherheit'))
        await looks('sicherheit')
        const other = `neu.${address}`
        await fill(page, { email: other, proof: NEW })
        await Promise.all([page.waitForEvent('load'), page.locator('button[value=address]').click()])
        await looks('sicherheit-adresse')
        await page.goto(portal.url(town, await linkTo(town, other, '/meine-daten/e-mail/')))
        await sends(page)
        assert.equal(pathOf(page), '/meine-daten/sicherheit')
        await looks('sicherheit-adresse-gilt')
        await fill(page, { password: NEW })
        await Promise.all([page.waitForEvent('load'), page.locator('button[value=prepare]').click()])
        await looks('sicherheit-app')
        await fill(page, { code: await codeOnPage(portal, page) })
        await Promise.all([page.waitForEvent('load'), page.locator('button[value=app]').click()])
        await looks('sicherheit-eingerichtet')
        await page.goto(portal.url(town, '/abmelden'))
        await sends(page)
        await page.goto(portal.url(town, '/anmelden/konto'))
        await fill(page, { name, password: NEW })
        await sends(page)
        assert.equal(pathOf(page), '/anmelden/konto')
        await looks('code')
      })
    })
  }
}
