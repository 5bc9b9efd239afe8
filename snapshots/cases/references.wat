;; References: null, of functions (defined and imported), tested, kept in locals and passed through.
;; show: trampolines
;; run: null_func() = null
;; run: null_extern() = null
;; run: own() = ref
;; run: imported() = ref
;; run: is_null(null) = 1
;; run: own_is_null() = 0
;; run: pass(null) = null
;; run: local_is_null() = 1
;; run: call_own() = 5
(module
  (type $number (func (result i32)))
  (import "host" "f" (func $host))
  (table $t 1 funcref)
  (elem declare func $five $host)
  (func $five (result i32) (i32.const 5))
  (func (export "null_func") (result funcref) (ref.null func))
  (func (export "null_extern") (result externref) (ref.null extern))
  (func (export "own") (result funcref) (ref.func $five))
  (func (export "imported") (result funcref) (ref.func $host))
  (func (export "is_null") (param externref) (result i32) (ref.is_null (local.get 0)))
  (func (export "own_is_null") (result i32) (ref.is_null (ref.func $five)))
  (func (export "pass") (param externref) (result externref) (local.get 0))
  (func (export "local_is_null") (result i32) (local funcref) (ref.is_null (local.get 0)))
  (func (export "call_own") (result i32)
    (table.set $t (i32.const 0) (ref.func $five))
    (call_indirect $t (type $number) (i32.const 0))))
