// Mails of towns that are not live, as they lie in the folder of a portal's data.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const PATIENCE = 20_000

/** The page of the first mail of a town whose subject begins so. */
export const mailPage = (portal, town, subject) =>
  inMails(portal, town, `"${subject}…"`, (mail) => subjectOf(mail).startsWith(subject) && html(mail))

/** The first link of this kind in a mail to this address that `known` does not have, whole as people click it. */
export async function mailLink(portal, town, to, way, known = new Set()) {
  const link = new RegExp(`https?://[\\w.:-]+(?:/\\w+)?${way}[\\w-]{43}`)
  const found = await inMails(portal, town, `to ${to} with ${way}`, (mail) => {
    const found = mail.includes(`To: ${to}`) && link.exec(mail.replaceAll(/=\r?\n/g, ''))?.[0]
    return !known.has(found) && found
  })
  known.add(found)
  return found
}

/** What `find` finds in the first mail of a town that has it; waits until that is written. */
async function inMails(portal, town, what, find) {
  const folder = join(portal.data, 'mail', town)
  for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(100)) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (!name.endsWith('.eml')) continue
      const found = find(await readFile(join(folder, name), 'utf8'))
      if (found) return found
    }
  }
  throw new Error(`no mail ${what} in \`${folder}\``)
}

/** Words beyond ASCII stand as RFC 2047 has it. */
function subjectOf(mail) {
  const line = /^Subject: (.*(?:\r?\n[ \t].*)*)/m.exec(mail)?.[1].replace(/\r?\n[ \t]/g, ' ') ?? ''
  const joined = line.replace(/\?=\s+=\?/g, '?==?')
  return joined.replace(/=\?utf-8\?b\?([^?]*)\?=/gi, (_, words) => Buffer.from(words, 'base64').toString())
}

function html(mail) {
  const part = /Content-Type: text\/html[^]*?\r?\n\r?\n([^]*?)\r?\n--/.exec(mail)
  if (!part) throw new Error('the mail has no page')
  const bytes = part[1].replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, code) => String.fromCharCode(parseInt(code, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
