// Slow clients wait at the door and are shown out; everyone else is served meanwhile. The short form:
// the long one is `slowhttptest -c 2000 -l 240 -H -u http://127.0.0.1:8080/` and the same with -B and -X.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { OUT, Portal } from '../browser/portal.mjs'

const CLIENTS = 300
const SECONDS = 25
const PATIENCE = 5_000

const ATTACKS = {
  headers: ['-H', '-i', '3', '-x', '24', '-t', 'GET'],
  body: ['-B', '-i', '3', '-s', '8192', '-x', '10', '-t', 'POST'],
  reading: ['-X', '-w', '16', '-y', '64', '-n', '5', '-z', '16', '-k', '10', '-t', 'GET'],
}

let portal, ended, answers

before(async () => {
  portal = await Portal.start()
  const attacks = Object.entries(ATTACKS).map(([name, how]) => attack(name, how))
  const all = Promise.all(attacks)
  answers = served(all)
  ended = Object.fromEntries(await all)
})

after(() => portal?.stop())

test('everyone else is served in time', async () => {
  const { slowest, count, wrong } = await answers
  assert.deepEqual(wrong, [])
  assert.ok(count > 20, `${count} pages asked for`)
  assert.ok(slowest < PATIENCE, `the slowest page took ${Math.round(slowest)} ms`)
})

for (const kind of ['headers', 'body']) {
  test(`clients with slow ${kind} are shown out`, () => {
    assert.match(ended[kind], /No open connections left/)
  })
}

test('the portal is as before when they are gone', async () => {
  const { status } = await portal.get('herford', '/')
  assert.equal(status, 200)
})

/** Runs slowhttptest and returns what it said; it ends early when nobody is connected any more. */
async function attack(name, how) {
  const child = spawn(
    'slowhttptest',
    [...how, '-c', `${CLIENTS}`, '-r', '150', '-l', `${SECONDS}`, '-p', '3', '-v', '1', '-u', `http://127.0.0.1:${portal.port}/`],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes))
  await once(child, 'close')
  said = stripVTControlCharacters(said)
  await writeFile(join(OUT, `slow-${name}.log`), said)
  return [name, said]
}

/** Asks for a page again and again, as a citizen would, until the attacks are over. */
async function served(attacks) {
  let over = false
  attacks.finally(() => (over = true))
  let slowest = 0
  let count = 0
  const wrong = []
  while (!over) {
    const begun = performance.now()
    await portal.get('loehne', '/dienstleistungen', { timeout: PATIENCE }).then(
      ({ status }) => status === 200 || wrong.push(`status ${status}`),
      (error) => wrong.push(error.message),
    )
    slowest = Math.max(slowest, performance.now() - begun)
    count++
    await pause(100) // the pace of the visitor, nothing waits for it
  }
  return { slowest, count, wrong }
}
