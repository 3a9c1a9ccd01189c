"""What Gradio keeps of pages and programs, bounded."""
