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

// Where somebody logs in and where a form begins (of two, the page itself is in the list): the browser's tests go
// through them, as through what is behind a login.
const BEGINS = /^(\/[a-z]{2})?\/(anmelden\/probe|dienstleistungen\/[^/]+\/antrag)$/

await rm(FOLDER, { recursive: true, force: true })
const pages = new Map()
const behindLogin = new Set()
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
    for (const link of unlistedLinks(town)) {
      const { status, headers } = await portal.get(town, link)
      if (status === 303 && /\/anmelden(\?|$)/.test(headers.location)) behindLogin.add(`${town} ${link}`)
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
      const unknown = unlistedLinks(town).filter((link) => !behindLogin.has(`${town} ${link}`) && !BEGINS.test(link))
      const from = (link) => ofTown.find(([, { body }]) => linksOf(body).includes(link))[1].path
      assert.deepEqual(unknown.map((link) => `${from(link)} leads to ${link}`), [])
    })
  })
}

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

/** What the pages of a town lead to and the list does not have. */
function unlistedLinks(town) {
  const ofTown = [...pages.values()].filter((page) => page.town === town)
  const known = new Set(ofTown.map(({ path }) => path.split('?')[0]))
  return [...new Set(ofTown.flatMap(({ body }) => linksOf(body)))].filter((link) => !known.has(link))
}

/** Links to other pages of the portal; files and the API are no pages. */
function linksOf(html) {
  const links = [...html.matchAll(/<a [^>]*?href="(\/[^"?#]*)/g)].map(([, path]) => path)
  return links.filter((path) => !/^\/(assets|api|\.well-known)\//.test(path))
}
