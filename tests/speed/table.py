"""Tables in Markdown, as docs/performance.md has them."""


def print_table(heads, rows):
    """Columns whose cells are numbers stand right."""
    print("| " + " | ".join(heads) + " |")
    print("|" + "|".join("---:" if all(is_number(row[column]) for row in rows) else "---" for column in range(len(heads))) + "|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
    print()


def print_targets(rows):
    """Rows of what, target, stretch, measured, command."""
    print_table(["what", "target", "stretch", "measured", "command"], [[*row[:4], f"`{row[4]}`"] for row in rows])


def is_number(cell):
    return cell.replace(",", "").replace(".", "").rstrip("×").isdigit()
