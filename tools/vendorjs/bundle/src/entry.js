// The one door of every live page to its view library: h and render of Preact,
// its hooks, signals that bind themselves to what reads them, and htm, which
// makes markup from template literals at run time, so that no page needs a
// build step.
import { h } from 'preact';
import htm from 'htm';

export { h, Fragment, Component, render, hydrate, createContext, createRef, cloneElement, toChildArray } from 'preact';
export {
  useState, useReducer, useEffect, useLayoutEffect, useRef, useImperativeHandle,
  useMemo, useCallback, useContext, useErrorBoundary, useId,
} from 'preact/hooks';
export {
  Signal, signal, computed, effect, batch, untracked,
  useSignal, useComputed, useSignalEffect,
} from '@preact/signals';

export const html = htm.bind(h);
