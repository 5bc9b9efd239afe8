/**
 * The version of the toolkit.
 *
 * @module
 */
import configuration from "../../deno.json" with { type: "json" };

const { version, build }: { readonly version: string; readonly build?: string } = configuration;

/** As in `deno.json`. */
export const VERSION: string = version;

/**
 * Which sources a standalone program was made of: a hash of them, which its build adds to
 * `deno.json`. Undefined when the sources themselves run.
 */
export const BUILD: string | undefined = build;
