/**
 * Runs spec scripts (.wast) against the compiler and the runtime.
 *
 * @module
 */
import { CompileError, InternalError, Unsupported } from "../../base/errors.ts";
import { Func, Global } from "../../runtime/externals.ts";
import type { Engine } from "../../runtime/engine.ts";
import type { Instance } from "../../runtime/instance.ts";
import { Linker } from "../../runtime/linker.ts";
import { Module } from "../../runtime/module.ts";
import type { GuestRecord } from "../../runtime/arena.ts";
import type { Store } from "../../runtime/store.ts";
import { LinkError, Trap } from "../../runtime/trap.ts";
import { SLOT_BYTES } from "../../translate/vmctx.ts";
import { ValueType } from "../../wasm/types.ts";
import { parseText } from "../text_format.ts";
import { type Expression, headOf, type List, parseScript, ScriptError } from "./s_expression.ts";
import { defineSpectest } from "./spectest.ts";
import { matches, parseExpected, ScriptValues } from "./values.ts";

/** What came of a script. Assertions are counted, and commands that fail. */
export interface ScriptResult {
  passed: number;
  /** `line: what was expected and what happened`. */
  readonly failures: string[];
  /** Assertions that need what is not supported, by feature. */
  readonly skipped: Map<string, number>;
}

/** The results of an action, as raw bits with their types. */
interface ActionResult {
  readonly types: readonly ValueType[];
  readonly bits: readonly bigint[];
}

/** An assertion does not hold. */
class AssertionFailed extends Error {}

/**
 * Runs one script in a store of its own, which the caller closes.
 * @param source the script's text
 */
export function runScript(
  source: string,
  engine: Engine,
  store: Store,
): Promise<ScriptResult> {
  return new ScriptRunner(source, engine, store).run();
}

class ScriptRunner {
  readonly #linker: Linker;
  readonly #values = new ScriptValues();
  /** Named instances; the current one stands under the empty name. */
  readonly #instances = new Map<string, Instance | Unsupported>();
  readonly #definitions = new Map<string, Uint8Array>();
  readonly #registered = new Map<string, Unsupported>();
  readonly #result: ScriptResult = { passed: 0, failures: [], skipped: new Map() };

  constructor(
    readonly source: string,
    readonly engine: Engine,
    readonly store: Store,
  ) {
    this.#linker = new Linker(store);
    defineSpectest(this.#linker);
  }

  async run(): Promise<ScriptResult> {
    const commands = parseScript(this.source);
    // A script may be the fields of one module, without `(module …)` around them.
    if (commands.length > 0 && !isCommand(commands[0] as List)) {
      await this.#execute("module", 1, async () => {
        this.#define(await parseText(this.source, "script"), "");
      });
      return this.#result;
    }
    for (const command of commands) {
      const head = headOf(command);
      await this.#execute(head, command.line, () => this.#command(head, command));
    }
    return this.#result;
  }

  async #execute(
    head: string,
    line: number,
    command: () => Promise<void> | void,
  ): Promise<void> {
    const result = this.#result;
    const isAssertion = head.startsWith("assert_");
    try {
      await command();
      if (isAssertion) result.passed++;
    } catch (error) {
      if (error instanceof Unsupported) {
        if (!isAssertion) return;
        result.skipped.set(error.feature, (result.skipped.get(error.feature) ?? 0) + 1);
      } else {
        const message = error instanceof Error
          ? error instanceof AssertionFailed ? error.message : `${error.name}: ${error.message}`
          : String(error);
        result.failures.push(`${line}: ${head}: ${message}`);
      }
    }
  }

  #command(head: string, command: List): Promise<void> | void {
    const { items } = command;
    switch (head) {
      case "module":
        return this.#module(command);
      case "register":
        return this.#register(stringOf(items[1]), nameOf(items[2]));
      case "invoke":
      case "get":
        this.#action(command);
        return;
      case "assert_return":
        return this.#assertReturn(this.#action(listOf(items[1])), items.slice(2));
      case "assert_trap":
        return this.#assertTrap(listOf(items[1]), stringOf(items[2]));
      case "assert_exhaustion":
        return this.#assertTrap(listOf(items[1]), stringOf(items[2]));
      case "assert_unlinkable":
        return this.#assertUnlinkable(listOf(items[1]), stringOf(items[2]));
      case "assert_malformed":
      case "assert_malformed_custom":
        return this.#assertRejected(listOf(items[1]), true);
      case "assert_invalid":
      case "assert_invalid_custom":
        return this.#assertRejected(listOf(items[1]), false);
      case "assert_exception":
        throw new Unsupported("exceptions");
      case "assert_suspension":
        throw new Unsupported("stack-switching");
      case "thread":
      case "wait":
        throw new Unsupported("threads");
      default:
        throw new ScriptError(`unknown command "${head}"`);
    }
  }

  // ── Modules ───────────────────────────────────────────────────────────────────────────────────

  async #module(command: List): Promise<void> {
    const second = atomOf(command.items[1]);
    if (second === "instance") {
      const instance = nameOf(command.items[2]), definition = nameOf(command.items[3]);
      const bytes = this.#definitions.get(definition);
      if (bytes === undefined) throw new ScriptError(`no module definition "${definition}"`);
      return this.#define(bytes, instance);
    }
    const isDefinition = second === "definition";
    const name = nameOf(command.items[isDefinition ? 2 : 1]);
    if (!isDefinition) this.#instances.delete("");
    const bytes = await this.#binaryOf(command);
    this.#definitions.set(name, bytes);
    this.#definitions.set("", bytes);
    if (!isDefinition) this.#define(bytes, name);
  }

  /** Instantiates a module and makes it the current one. */
  #define(bytes: Uint8Array, name: string): void {
    let instance: Instance | Unsupported;
    try {
      instance = this.#instantiate(bytes);
    } catch (error) {
      if (!(error instanceof Unsupported)) throw error;
      instance = error;
    }
    this.#instances.set("", instance);
    if (name !== "") this.#instances.set(name, instance);
    if (instance instanceof Unsupported) throw instance;
  }

  #instantiate(bytes: Uint8Array): Instance {
    const module = Module.compile(this.engine, bytes);
    for (const { module: from } of module.imports) {
      const missing = this.#registered.get(from);
      if (missing !== undefined) throw missing;
    }
    return this.#linker.instantiate(module);
  }

  async #binaryOf(command: List): Promise<Uint8Array> {
    const kindAt = command.items.findIndex((item) =>
      item.kind === "atom" && (item.text === "binary" || item.text === "quote")
    );
    const kind = kindAt >= 0 && kindAt <= 3 ? atomOf(command.items[kindAt]) : "text";
    if (kind === "text") {
      const text = this.source.slice(command.start, command.end);
      return await parseText(text.replace(/^\(\s*module\s+definition\b/, "(module"), "module");
    }
    const parts = command.items.slice(kindAt + 1).map((item) => {
      if (item.kind !== "string") throw new ScriptError("a string was expected");
      return item.bytes;
    });
    const bytes = concatenate(parts);
    if (kind === "binary") return bytes;
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return await parseText(
      /^\s*\(\s*module\b/.test(text) ? text : `(module ${text})`,
      "quoted module",
    );
  }

  #register(as: string, name: string): void {
    const instance = this.#instances.get(name);
    if (instance === undefined) throw new ScriptError(`no module "${name}" to register`);
    if (instance instanceof Unsupported) {
      this.#registered.set(as, instance);
      throw instance;
    }
    this.#registered.delete(as);
    this.#linker.defineInstance(as, instance);
  }

  // ── Actions ───────────────────────────────────────────────────────────────────────────────────

  #action(action: List): ActionResult {
    const head = headOf(action);
    const name = nameOf(action.items[1]);
    const exportAt = name === "" ? 1 : 2;
    const exportName = stringOf(action.items[exportAt]);
    const instance = this.#instances.get(name);
    if (instance === undefined) throw new ScriptError(`no module "${name}"`);
    if (instance instanceof Unsupported) throw instance;
    const found = instance.exports.get(exportName);
    if (head === "get") {
      if (!(found instanceof Global)) throw new ScriptError(`no global "${exportName}"`);
      return { types: [found.type.type], bits: [bitsAt(found.cell, 0, found.type.type)] };
    }
    if (head !== "invoke") throw new ScriptError(`unknown action "${head}"`);
    if (!(found instanceof Func)) throw new ScriptError(`no function "${exportName}"`);
    const args = action.items.slice(exportAt + 1);
    const { results } = found.type;
    const mark = this.store.slotMark;
    try {
      const slots = this.store.reserveSlots(Math.max(args.length, results.length));
      args.forEach((arg, n) => {
        slots.setU128(n * SLOT_BYTES, this.#values.argument(arg, this.store));
      });
      found.callSlots(slots);
      return {
        types: results,
        bits: results.map((type, n) => bitsAt(slots, n * SLOT_BYTES, type)),
      };
    } finally {
      this.store.releaseSlots(mark);
    }
  }

  // ── Assertions ────────────────────────────────────────────────────────────────────────────────

  #assertReturn({ types, bits }: ActionResult, expected: readonly Expression[]): void {
    if (bits.length !== expected.length) {
      throw new AssertionFailed(`${expected.length} results expected, got ${bits.length}`);
    }
    expected.forEach((expression, n) => {
      const got = bits[n] as bigint, type = types[n] as ValueType;
      if (matches(parseExpected(expression), got, type, this.store)) return;
      const wanted = expression.kind === "list"
        ? this.source.slice(expression.start, expression.end)
        : "";
      throw new AssertionFailed(`result ${n} is 0x${got.toString(16)}, expected ${wanted}`);
    });
  }

  async #assertTrap(action: List, message: string): Promise<void> {
    try {
      if (headOf(action) === "module") this.#instantiate(await this.#binaryOf(action));
      else this.#action(action);
    } catch (error) {
      if (!(error instanceof Trap)) throw error;
      if (error.message.startsWith(message) || message.startsWith(error.message)) return;
      throw new AssertionFailed(`trap "${message}" expected, got "${error.message}"`);
    }
    throw new AssertionFailed(`trap "${message}" expected, but it returned`);
  }

  async #assertUnlinkable(module: List, message: string): Promise<void> {
    try {
      this.#instantiate(await this.#binaryOf(module));
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      if (error.message.startsWith(message)) return;
      throw new AssertionFailed(`link error "${message}" expected, got "${error.message}"`);
    }
    throw new AssertionFailed(`link error "${message}" expected, but it was instantiated`);
  }

  /** @param mayFailToParse whether the text may be what is wrong, not only the module */
  async #assertRejected(module: List, mayFailToParse: boolean): Promise<void> {
    let bytes: Uint8Array;
    try {
      bytes = await this.#binaryOf(module);
    } catch (error) {
      if (error instanceof TypeError || error instanceof CompileError) {
        if (mayFailToParse) return;
        throw new AssertionFailed(`the text was rejected, not the module: ${error.message}`);
      }
      throw error;
    }
    try {
      Module.compile(this.engine, bytes);
    } catch (error) {
      if (error instanceof CompileError) return;
      if (error instanceof InternalError) throw error;
      throw error;
    }
    throw new AssertionFailed("the module was accepted");
  }
}

const commands = /^(module|register|invoke|get|assert_\w+|thread|wait|input|output|script)$/;
function isCommand(list: List): boolean {
  return commands.test(headOf(list));
}

function listOf(expression: Expression | undefined): List {
  if (expression?.kind !== "list") throw new ScriptError("a list was expected");
  return expression;
}

function stringOf(expression: Expression | undefined): string {
  if (expression?.kind !== "string") throw new ScriptError("a string was expected");
  // A name may begin with a byte order mark.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(expression.bytes);
}

function atomOf(expression: Expression | undefined): string {
  return expression?.kind === "atom" ? expression.text : "";
}

/** The `$name` of an expression, empty when it is none. */
function nameOf(expression: Expression | undefined): string {
  const text = atomOf(expression);
  return text.startsWith("$") ? text : "";
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The raw bits of a value: 128 of a vector, 64 of everything else. */
function bitsAt(record: GuestRecord, at: number, type: ValueType): bigint {
  return type === ValueType.v128 ? record.getU128(at) : record.getU64(at);
}
