/**
 * The version of the toolkit.
 *
 * @module
 */
export { VERSION } from "../base/version.ts";
