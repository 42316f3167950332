// A visitor without a browser: one host, its cookies, plain forms.
import assert from 'node:assert/strict'
import { code, newClerk } from '../browser/people.mjs'

export class Visitor {
  #cookies = new Map()

  constructor(portal, town) {
    this.portal = portal
    this.town = town
  }

  /** As the header `Cookie` has it. */
  get cookie() {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  get(path) {
    return this.#ask(path, {})
  }

  /** Sends a form of one's own page; a list sends its name several times. */
  post(path, fields) {
    const body = new URLSearchParams(Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one) => [name, one])))
    const headers = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }
    return this.#ask(path, { method: 'POST', headers, body: body.toString() })
  }

  /** The same where the portal is expected to lead on; the answer is the address. */
  async sends(path, fields) {
    const { status, headers, body } = await this.post(path, fields)
    assert.equal(status, 303, `${path}: ${status} ${/<h1>.*?<\/h1>|complaint.*/s.exec(body)?.[0].slice(0, 300)}`)
    return headers.location.replace(/^https?:\/\/[^/]+/, '')
  }

  async #ask(path, { headers = {}, ...more }) {
    const answer = await this.portal.get(this.town, path, { ...more, headers: { ...headers, cookie: this.cookie } })
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      value ? this.#cookies.set(name, value) : this.#cookies.delete(name)
    }
    return answer
  }
}

const hidden = (page, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.body)?.[1]

/** Erika, who has sent an order and asked something about it: `{visitor, number, thread}`. */
export async function citizen(portal, town) {
  const visitor = new Visitor(portal, town)
  const handle = hidden(await visitor.get('/anmelden/probe?zurueck=/meine-daten&niveau=hoch'), 'handle')
  await visitor.sends('/anmelden/probe', { handle, person: 'erika', level: 'hoch' })
  const answers = [
    { sachen: ['polster', 'betten'], menge: 'wenig' },
    { 'abholort.street': 'Musterweg 4', 'abholort.postal_code': '32049', 'abholort.city': 'Musterstadt' },
    { wunsch: 'bald' },
    { vorname: 'Erika', nachname: 'Mustermann', weg: 'selbst' },
  ]
  let step = await visitor.sends('/dienstleistungen/sperrmuell/antrag', {})
  for (const answer of answers) step = await visitor.sends(step, answer)
  await visitor.sends(step, { seen: hidden(await visitor.get(step), 'seen'), confirm: 'true' })
  const [, number] = /\/vorgaenge\/([A-Z0-9-]+)/.exec((await visitor.get('/vorgaenge')).body)
  const asked = await visitor.sends('/postkorb/neu', { about: `vorgang:${number}`, subject: 'Frage', message: 'Wann?' })
  return { visitor, number, thread: /[0-9a-f-]{36}/.exec(asked)[0] }
}

/** A clerk of an office, with an app that is set up. */
export async function clerk(portal, town, department) {
  const visitor = new Visitor(portal, town)
  const name = `api.${department}`
  const password = newClerk(portal, town, name, { name: 'Ada Schnitt', department })
  await visitor.sends('/verwaltung/anmelden', { name, password })
  const page = await visitor.get('/verwaltung/anmelden/code')
  const [, secret] = /otpauth:[^"]*?secret=([A-Z2-7]+)/.exec(page.body)
  await visitor.sends('/verwaltung/anmelden/code', { code: code(portal, secret) })
  const own = 'vier Otter gähnen leise'
  await visitor.sends('/verwaltung/passwort', { password, new: own, again: own })
  return visitor
}
