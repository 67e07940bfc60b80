// Complex products on vectors of real and vectors of imaginary parts, each operation rounded on its own.

/** Bytes of a table record: u, u² and u³ as six doubles. */
export const RECORD: usize = 48;

export function productReal(xr: v128, xi: v128, wr: v128, wi: v128): v128 {
  return v128.sub<f64>(v128.mul<f64>(xr, wr), v128.mul<f64>(xi, wi));
}

export function productImaginary(xr: v128, xi: v128, wr: v128, wi: v128): v128 {
  return v128.add<f64>(v128.mul<f64>(xr, wi), v128.mul<f64>(xi, wr));
}

/** x times the conjugate of w. */
export function conjugateReal(xr: v128, xi: v128, wr: v128, wi: v128): v128 {
  return v128.add<f64>(v128.mul<f64>(xr, wr), v128.mul<f64>(xi, wi));
}

export function conjugateImaginary(xr: v128, xi: v128, wr: v128, wi: v128): v128 {
  return v128.sub<f64>(v128.mul<f64>(xi, wr), v128.mul<f64>(xr, wi));
}
