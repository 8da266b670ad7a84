"""How the main job shows itself: progress while it works, the trust chain, and the proofs as tables."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.tree import Tree

from .proof import Proof, Scene

KINDS = {"Application": "application", "ManagedIdentity": "managed identity"}
"""What Graph calls a service principal, and what people do."""


class Report:
    """Prints to one console and remembers every proof."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.proofs: list[Proof] = []

    @contextmanager
    def step(self, title: str) -> Generator[Callable[[str], None]]:
        """Show that a step is under way: a spinner on a terminal, a line elsewhere.

        What is yielded tells the spinner how far the step is.
        """
        if self._console.is_terminal:
            with self._console.status(title) as status:
                yield lambda progress: status.update(f"{title}: {progress}")
        else:
            self._console.print(f"· {title}", markup=False)
            yield lambda _progress: None

    def line(self, text: str) -> None:
        """Print one line (rich markup)."""
        self._console.print(text, highlight=False)

    def chapter(self, title: str, expected: str, proofs: Iterable[Proof]) -> None:
        """Work through proofs and print them as a table, `expected` heading the column of what must be seen."""
        table = Table("", "Claim", expected, title=f"\n{title}", title_justify="left", title_style="bold")
        with self.step(title) as tell:
            for proof in proofs:
                self.proofs.append(proof)
                tell(f"{table.row_count + 1} done")
                seen = escape(proof.expected)
                if not proof.holds:
                    seen += f"\n[bold red]but: {escape(proof.got)}[/]"
                table.add_row("[green]✓[/]" if proof.holds else "[red]✗[/]", escape(proof.claim), seen)
        self._console.print(table)

    def trust_chain(self, scene: Scene) -> None:
        """Print who is trusted with what, as Graph and ARM (not the stack) tell it."""
        arm = scene.administrator.arm
        tree = Tree(f"[bold]{scene.outputs['vault_url']}[/]")
        tree.add(f"trusts tenant {arm('GET', scene.outputs['vault_id'])['properties']['tenantId']}")
        for path, project in scene.projects.items():
            client_id = project["client_id"]
            kind = scene.administrator.principal(client_id)["servicePrincipalType"]
            branch = tree.add(f"[bold cyan]{path}[/]  {KINDS[kind]} {client_id}")
            for credential in scene.administrator.federated_credentials(client_id):
                what = credential.get("subject") or credential["claimsMatchingExpression"]["value"]
                trusted = branch.add(f"trusts [green]{escape(what)}[/]")
                trusted.add(f"issued by {credential['issuer']} for {', '.join(credential['audiences'])}")
            for assignment in scene.administrator.role_assignments(client_id):
                assigned = assignment["properties"]
                scope = assigned["scope"].partition("/vaults/")[2] or assigned["scope"]
                role = arm("GET", assigned["roleDefinitionId"])["properties"]["roleName"]
                branch.add(f"may read [yellow]{scope}[/]").add(f"as {role}")
        self._console.print(tree)
