// Written by `make messages` from the catalogues; not by hand.
export const WORDS = {
};
