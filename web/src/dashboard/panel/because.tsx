// Why a setting is as it is: whether that is certain, and what each level from the account to the person says.

import { fromZoom, type Json, type Setting, valueAt } from "../model/catalogue";
import { valueText } from "../model/cell";
import { doubtText, type Effective, effectivePath, type Step, stepText } from "../model/effective";

export function Because({ setting, of }: { setting: Setting; of: Effective }) {
  const doubt = doubtText(of);
  const said = (step: Step) => {
    const value = valueAt(step.value, effectivePath(setting)) as Json | undefined;
    return value === undefined || value === null ? undefined : valueText(setting, fromZoom(setting, value));
  };
  return (
    <>
      {doubt && <p className="note">Not certain, only the likeliest. {doubt}</p>}
      <details className="because">
        <summary>Why</summary>
        <ol>
          {of.because.map((step) => (
            <li key={`${step.level} ${step.group?.id}`}>{stepText(step, said(step))}</li>
          ))}
        </ol>
      </details>
    </>
  );
}
