// The steps as numbers: the rule with its symbols, and each step that the picture shows.
import type { Reply } from "./engine";
import { shown } from "./numbers";

const most = 8;  // variables in the table

export function Steps({ reply }: { reply: Reply }) {
  const answer = reply.answer!, run = answer.runs[0], names = answer.objective.variables.slice(0, most);
  const withNumbers = names.length === 1 && run.updates.length > 0 && run.gradients[0]?.[0] != null;
  return (
    <div class="steps">
      <div class="formulas">
        {reply.formulas!.update.map((f) => <div dangerouslySetInnerHTML={{ __html: f }} />)}
        {withNumbers && <p>From {shown(run.iterates[0][0])}, where the slope is {shown(run.gradients[0][0])}, the first step is {shown(run.updates[0][0])}: to {shown(run.iterates[1][0])}.</p>}
      </div>
      <div class="scroll" tabIndex={0} role="region" aria-label="table of the steps">
        <table>
          <thead><tr><th scope="col">step</th>{names.map((v) => <th scope="col">{v}</th>)}{names.length === 1 && <th scope="col">slope</th>}<th scope="col">loss</th></tr></thead>
          <tbody>
            {run.iterates.map((x, k) => (
              <tr><th scope="row">{k}</th>{names.map((_, i) => <td>{shown(x[i])}</td>)}{names.length === 1 && <td>{shown(run.gradients[k]?.[0])}</td>}<td>{shown(run.losses[k])}</td></tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
