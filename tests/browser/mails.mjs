// Mails of towns that are not live, as they lie in the folder of a portal's data.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const PATIENCE = 15_000

/** The page of the first mail of a town whose subject begins so; waits until it is written. */
export async function mailPage(portal, town, subject) {
  const folder = join(portal.data, 'mail', town)
  for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(200)) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (!name.endsWith('.eml')) continue
      const mail = await readFile(join(folder, name), 'utf8')
      if (subjectOf(mail).startsWith(subject)) return html(mail)
    }
  }
  throw new Error(`no mail "${subject}…" in \`${folder}\``)
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
