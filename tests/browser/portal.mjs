// Starts the real binary on free ports of this machine and talks to it; stops it again and says how it ended.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

export const ROOT = resolve(import.meta.dirname, '../..')
const READY = 60_000
const DRAIN = 20_000

/** The day all pictures and browser tests live in, so that dated texts do not move under them. */
export const TODAY = '2026-11-22T10:00:00+01:00'
export const TOWNS = ['herford', 'loehne']
export const OUT = join(ROOT, 'tests/out')

export const binary = () =>
  resolve(process.env.PORTAL_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug/portal'))

export class Portal {
  /** @param {string[]} extra further arguments of `portal serve` */
  static async start(extra = [], now = TODAY) {
    const data = await mkdtemp(join(tmpdir(), 'portal-data-'))
    const child = spawn(
      binary(),
      ['serve', '--listen', '127.0.0.1:0', '--ops', '127.0.0.1:0', '--now', now, '--data', data, ...extra],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const portal = new Portal(child, data, now)
    try {
      portal.port = await portal.#ready()
      await portal.#open()
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
    return portal
  }

  #said = ''
  #log = ''

  constructor(child, data, now) {
    this.child = child
    this.data = data
    this.now = now
    this.started = Date.now()
    this.ended = once(child, 'exit')
    child.stdout.on('data', (bytes) => (this.#said += bytes))
    child.stderr.on('data', (bytes) => (this.#log = (this.#log + bytes).slice(-200_000)))
  }

  async #ready() {
    const listening = new Promise((found) => {
      const look = () => {
        const line = /^listening https?:\/\/\S*:(\d+)/m.exec(this.#said)
        if (line) found(Number(line[1]))
      }
      this.child.stdout.on('data', look)
      look()
    })
    const trouble = (what) => {
      throw new Error(`\`${binary()}\` ${what}\n${this.#said}${this.#log}`)
    }
    let timer
    const late = new Promise((_, fail) => (timer = setTimeout(fail, READY)))
    return Promise.race([
      listening,
      once(this.child, 'error').then(([error]) => trouble(`cannot be started: ${error.message}`)),
      this.ended.then(([code]) => trouble(`ended with ${code} before it listened`)),
      late.catch(() => trouble(`did not say \`listening\` within ${READY / 1000} s`)),
    ]).finally(() => clearTimeout(timer))
  }

  /** A town whose files are broken answers 503 while the others serve: here all of them must be well. */
  async #open() {
    for (const town of TOWNS) {
      const { status } = await this.get(town, '/')
      if (status !== 200) throw new Error(`${town} answers ${status}\n${this.#log}`)
    }
  }

  get pid() {
    return this.child.pid
  }

  get log() {
    return this.#log
  }

  host(town) {
    return `${town}.localhost:${this.port}`
  }

  /** The address for a browser, which resolves `*.localhost` itself. */
  url(town, path = '/') {
    return `http://${this.host(town)}${path}`
  }

  /** One request as a plain client sends it; resolves to `{status, headers, body}`. */
  get(town, path, { headers = {}, timeout = 15_000, method = 'GET', body } = {}) {
    return new Promise((answered, failed) => {
      const request = http.request(
        { host: '127.0.0.1', port: this.port, path, method, agent: false, headers: { host: this.host(town), ...headers } },
        async (response) => {
          try {
            const parts = []
            for await (const part of response) parts.push(part)
            answered({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts).toString() })
          } catch (error) {
            failed(error)
          }
        },
      )
      request.setTimeout(timeout, () => request.destroy(new Error(`no answer to ${path} within ${timeout} ms`)))
      request.on('error', failed).end(body)
    })
  }

  /** Asks the portal to stop and waits until it has drained; the answer is its exit code. */
  async stop() {
    this.child.kill('SIGTERM')
    const timer = setTimeout(() => this.child.kill('SIGKILL'), DRAIN)
    const [code, signal] = await this.ended
    clearTimeout(timer)
    await rm(this.data, { recursive: true, force: true })
    if (code !== 0) throw new Error(`portal ended with ${code ?? signal} after SIGTERM\n${this.#log}`)
  }
}
