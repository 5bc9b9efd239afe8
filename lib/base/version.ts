/**
 * The version of the toolkit.
 *
 * @module
 */
import configuration from "../../deno.json" with { type: "json" };

/** As in `deno.json`. */
export const VERSION: string = configuration.version;
