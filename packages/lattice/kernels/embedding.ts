// The kernels of encoding and decoding: the canonical embedding of CKKS as a transform, and the way between its doubles and
// residues. Doubles are computed in one fixed order of IEEE operations, so encodings have the same bits everywhere.

export { coefficientsToSlots } from './embedding/coefficients-to-slots';
export {
  addDigits,
  collectResidues,
  composeOne,
  composeTwo,
  exceedsMagnitude,
  mirrorResidues,
  residuesFromHalves,
  scaleDoubles,
  splitCoefficients,
  spreadResidues,
} from './embedding/residues';
export { slotsToCoefficients } from './embedding/slots-to-coefficients';
