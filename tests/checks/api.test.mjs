// The API keeps what its own description promises: schemathesis reads it and asks, rightly and wrongly.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { OUT, Portal } from '../browser/portal.mjs'

const SCHEMATHESIS = process.env.SCHEMATHESIS ?? resolve(import.meta.dirname, '../.tools/venv/bin/schemathesis')
const EXAMPLES = 25

let portal, folder, description

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portal-api-'))
  const settings = join(folder, 'portal.yaml')
  // hundreds of questions from one connection are the point here
  await writeFile(settings, 'limits: {rates: {search: off}}\n')
  portal = await Portal.start(['--config', settings])
  const answer = await portal.get('herford', '/api/v1/openapi.json')
  assert.equal(answer.status, 200)
  description = JSON.parse(answer.body)
  await mkdir(OUT, { recursive: true })
  await writeFile(join(folder, 'openapi.json'), JSON.stringify(withExample(description)))
})

after(async () => {
  await portal?.stop()
  if (folder) await rm(folder, { recursive: true, force: true })
})

test('the description names every operation of the contract', () => {
  const paths = Object.keys(description.paths).map((path) => path.replace(/^\/api\/v1/, '').replace(/\{\w+\}/g, '{}'))
  for (const path of ['/services', '/services/{}', '/search', '/cases', '/cases/{}', '/threads', '/threads/{}', '/threads/{}/messages']) assert.ok(paths.includes(path), `${path} in ${paths}`)
})

test('every answer is as described', { timeout: 300_000 }, async () => {
  const child = spawn(
    SCHEMATHESIS,
    ['run', join(folder, 'openapi.json'), '--origin', `http://127.0.0.1:${portal.port}`, '-H', `Host: ${portal.host('herford')}`, '-H', 'Sec-Fetch-Site: same-origin',
      '--phases', 'examples,coverage,fuzzing', '--max-examples', `${EXAMPLES}`, '--generation-deterministic',
      '--checks', 'all', '--request-timeout', '20', '--no-color', '--continue-on-failure'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes))
  const [code] = await once(child, 'exit')
  await writeFile(join(OUT, 'schemathesis.log'), said)
  assert.equal(code, 0, said)
  assert.match(said, /passed/, said)
})

/** Gives every parameter `id` a service that exists, so that the questions get past "not found". */
function withExample(description) {
  const copy = structuredClone(description)
  for (const operation of Object.values(copy.paths).flatMap((path) => Object.values(path)))
    for (const parameter of operation.parameters ?? [])
      if (parameter.in === 'path' && parameter.name === 'id') parameter.example ??= 'hund-anmelden'
  return copy
}
