// Every kind of page is valid HTML for the Nu checker; its warnings count too.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ALL, expectedStatus, nameOf } from '../browser/pages.mjs'
import { OUT, Portal, TOWNS } from '../browser/portal.mjs'

const CHECKER = fileURLToPath(new URL('../node_modules/vnu-jar/build/dist/vnu.jar', import.meta.url))
const FOLDER = join(OUT, 'pages')
const fileOf = (town, path) => join(FOLDER, town, `${nameOf(path)}.html`)

const statuses = new Map()
let messages

before(async () => {
  await rm(FOLDER, { recursive: true, force: true })
  const portal = await Portal.start()
  try {
    for (const town of TOWNS) {
      await mkdir(join(FOLDER, town), { recursive: true })
      for (const path of ALL) {
        const { status, body } = await portal.get(town, path)
        statuses.set(fileOf(town, path), status)
        await writeFile(fileOf(town, path), body)
      }
    }
  } finally {
    await portal.stop()
  }
  const files = TOWNS.flatMap((town) => ALL.map((path) => fileOf(town, path)))
  const checker = spawnSync(
    'java',
    ['-Xss4m', '-XX:TieredStopAtLevel=1', '-jar', CHECKER, '--format', 'json', '--stdout', '--no-langdetect', '--exit-zero-always', ...files],
    { encoding: 'utf8', maxBuffer: 64 << 20 },
  )
  assert.equal(checker.status, 0, checker.stderr)
  messages = JSON.parse(checker.stdout).messages
})

for (const town of TOWNS) {
  describe(`HTML of ${town}`, () => {
    for (const path of ALL) {
      test(path, () => {
        assert.equal(statuses.get(fileOf(town, path)), expectedStatus(path))
        const found = messages
          .filter((message) => fileURLToPath(message.url) === fileOf(town, path))
          .map(({ type, message, lastLine, extract }) => `${type}, line ${lastLine}: ${message} – ${extract?.trim()}`)
        assert.deepEqual(found, [])
      })
    }
  })
}
