// Every page of both towns in every locale is valid HTML for the Nu checker, its warnings included; and no page leads
// to one that this list does not know.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { everyPage, expectedStatus, nameOf } from '../browser/pages.mjs'
import { OUT, Portal, ROOT, TOWNS, binary } from '../browser/portal.mjs'

const CHECKER = fileURLToPath(new URL('../node_modules/vnu-jar/build/dist/vnu.jar', import.meta.url))
const FOLDER = join(OUT, 'pages')

await rm(FOLDER, { recursive: true, force: true })
const pages = new Map()
const portal = await Portal.start()
try {
  for (const town of TOWNS) {
    await mkdir(join(FOLDER, town), { recursive: true })
    for (const path of await everyPage(portal, town)) {
      const file = join(FOLDER, town, `${nameOf(path)}.html`)
      const { status, body } = await portal.get(town, path)
      pages.set(file, { town, path, status, body })
      await writeFile(file, body)
    }
  }
} finally {
  await portal.stop()
}

const REPORT = join(FOLDER, 'plan.html')
const planned = await plan()
const found = check([...pages.keys(), REPORT])

for (const town of TOWNS) {
  const ofTown = [...pages].filter(([, page]) => page.town === town)
  describe(`HTML of ${town}`, () => {
    for (const [file, { path, status }] of ofTown) {
      test(path, () => {
        assert.equal(status, expectedStatus(path))
        assert.deepEqual(found.get(file) ?? [], [])
      })
    }

    test('no page leads to an unknown one', () => {
      const known = new Set(ofTown.map(([, { path }]) => path.split('?')[0]))
      const unknown = ofTown.flatMap(([, { path, body }]) =>
        linksOf(body).filter((link) => !known.has(link) && !isSomebodysOwn(link)).map((link) => `${path} leads to ${link}`))
      assert.deepEqual(unknown, [])
    })
  })
}

/**
 * What is behind a login or leads to it, and the beginning of every form (of two, the page itself is in the list);
 * `tests/browser/login.test.mjs` and `journey.test.mjs` go through them.
 */
const isSomebodysOwn = (link) =>
  /^(\/[a-z]{2})?\/(anmelden\/probe|vorgaenge|postkorb|dienstleistungen\/[^/]+\/antrag)$/.test(link)

test('the report of a plan', () => {
  assert.equal(planned.status, 1, planned.stderr)
  assert.deepEqual(found.get(REPORT) ?? [], [])
})

/** A report on a change of a layer that has everything a report can say: text, pages, looks, a broken town. */
async function plan() {
  const after = join(OUT, 'planned')
  await rm(after, { recursive: true, force: true })
  await cp(join(ROOT, 'tests/towns'), after, { recursive: true })
  const service = join(after, '_land/services/hund-anmelden.yaml')
  await writeFile(service, (await readFile(service, 'utf8')).replace('9600', '9800'))
  await writeFile(join(after, 'ostrau/services/hafen.yaml'), 'title: "Hafen <b> & mehr"\nshort: "1 < 2"\n')
  await mkdir(join(after, 'ostrau/assets'))
  await writeFile(join(after, 'ostrau/assets/plan.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>')
  await writeFile(join(after, 'suedau/tenant.yaml'), 'nmae: Südau\n')
  return spawnSync(binary(), ['plan', '--from', 'tests/towns', '--to', after, '--html', REPORT], { cwd: ROOT, encoding: 'utf8' })
}

/** What the checker complains about, by file. */
function check(files) {
  const checker = spawnSync(
    'java',
    ['-Xss4m', '-XX:TieredStopAtLevel=1', '-jar', CHECKER, '--format', 'json', '--stdout', '--no-langdetect', '--exit-zero-always', ...files],
    { encoding: 'utf8', maxBuffer: 64 << 20 },
  )
  assert.equal(checker.status, 0, checker.stderr)
  const complaints = new Map()
  for (const { url, type, message, lastLine, extract } of JSON.parse(checker.stdout).messages) {
    const file = fileURLToPath(url)
    complaints.set(file, [...(complaints.get(file) ?? []), `${type}, line ${lastLine}: ${message} – ${extract?.trim()}`])
  }
  return complaints
}

/** Links to other pages of the portal; files and the API are no pages. */
function linksOf(html) {
  const links = [...html.matchAll(/<a [^>]*?href="(\/[^"?#]*)/g)].map(([, path]) => path)
  return links.filter((path) => !/^\/(assets|api|\.well-known)\//.test(path))
}
