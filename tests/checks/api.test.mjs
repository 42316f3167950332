// The API keeps what its own description promises: schemathesis reads it and asks, rightly and wrongly.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { OUT, Portal } from '../browser/portal.mjs'
import { citizen, clerk } from './visitor.mjs'

const SCHEMATHESIS = process.env.SCHEMATHESIS ?? resolve(import.meta.dirname, '../.tools/venv/bin/schemathesis')
const EXAMPLES = 25
const TOWN = 'herford'

let portal, folder, description

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portal-api-'))
  const settings = join(folder, 'portal.yaml')
  // hundreds of questions from one connection are the point here
  await writeFile(settings, 'limits: {rates: {search: off, messages: off, staff: off, login: off, forms: off, answers: off}}\n')
  portal = await Portal.start(['--config', settings])
  const answer = await portal.get(TOWN, '/api/v1/openapi.json')
  assert.equal(answer.status, 200)
  description = JSON.parse(answer.body)
  await mkdir(OUT, { recursive: true })
})

after(async () => {
  await portal?.stop()
  if (folder) await rm(folder, { recursive: true, force: true })
})

test('the description names every operation of the contract', () => {
  const paths = Object.keys(description.paths).map((path) => path.replace(/^\/api\/v1/, '').replace(/\{\w+\}/g, '{}'))
  for (const path of ['/services', '/services/{}', '/search', '/cases', '/cases/{}', '/threads', '/threads/{}', '/threads/{}/messages']) assert.ok(paths.includes(path), `${path} in ${paths}`)
})

test('every answer to nobody is as described', { timeout: 300_000 }, () => holds('nobody', {}))

test('every answer to a citizen is as described', { timeout: 300_000 }, async () => {
  const { visitor, number, thread } = await citizen(portal, TOWN)
  await holds('citizen', { cookie: visitor.cookie, paths: '^/(cases|threads)', examples: { number, id: thread } })
  // what was asked there was asked by her: the session still stands, and her case does
  assert.equal((await visitor.get(`/vorgaenge/${number}`)).status, 200)
})

test('every answer to a clerk is as described', { timeout: 300_000 }, async () => {
  const [{ number }, department] = [await citizen(portal, TOWN), 'abfall']
  const visitor = await clerk(portal, TOWN, department)
  await holds('clerk', { cookie: visitor.cookie, paths: '^/desk', examples: { number, department } })
  const page = await visitor.get(`/verwaltung/vorgaenge/${number}`)
  assert.match(page.body, /<h2 id="notes">/)
})

/** schemathesis asks as somebody; `paths` are those it asks. */
async function holds(who, { cookie, paths, examples = { id: 'hund-anmelden' } }) {
  const told = join(folder, `openapi-${who}.json`)
  await writeFile(told, JSON.stringify(withExamples(description, examples)))
  const person = cookie ? ['-H', `Cookie: ${cookie}`, '--include-path-regex', paths] : []
  const child = spawn(
    SCHEMATHESIS,
    ['run', told, '--origin', `http://127.0.0.1:${portal.port}`, '-H', `Host: ${portal.host(TOWN)}`, '-H', 'Sec-Fetch-Site: same-origin',
      ...person, '--phases', 'examples,coverage,fuzzing', '--max-examples', `${EXAMPLES}`, '--generation-deterministic',
      '--checks', 'all', '--request-timeout', '20', '--no-color', '--continue-on-failure'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes))
  const [code] = await once(child, 'exit')
  if (cookie) said = said.replaceAll(cookie, '…')
  await writeFile(join(OUT, `schemathesis-${who}.log`), said)
  assert.equal(code, 0, said)
  assert.match(said, /passed/, said)
}

/** Gives parameters values that there are, so that the questions get past "not found". */
function withExamples(description, examples) {
  const copy = structuredClone(description)
  for (const operation of Object.values(copy.paths).flatMap((path) => Object.values(path)))
    for (const parameter of operation.parameters ?? [])
      if (parameter.name in examples) parameter.example ??= examples[parameter.name]
  return copy
}
